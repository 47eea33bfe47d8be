// Who is there: the lobby, what everyone is called, who is on the other side of a direct conversation, who is online.
import * as boxes from './inbox.js';
import { lobby } from './events.js';
import { refusal } from './format.js';
import { PresenceBook } from './presence.js';

const names_per_request = 200;

export class People {
  constructor(session) {
    this.session = session;
    this.presence = new PresenceBook();
    this.chosen = 'online';
    this.asked_names = new Set();
    this.to_ask = new Set();       // users whose presence is asked for next
    this.asking = false;
  }

  connected() {
    this.enter_lobby();
    if (this.chosen !== 'online') this.session.try('presence.set', { status: this.chosen });
  }

  disconnected() {
    this.session.inbox.here.clear();   // nobody knows; the roster comes again
    this.presence.clear();
    this.asked_names.clear();
    this.to_ask = new Set();
    this.asking = false;
  }

  async enter_lobby() {
    const roster = await this.session.try('room.join', { room: lobby });
    if (!roster) return;
    this.session.inbox.here = new Set(roster.users);
    this.session.changed('here');
  }

  /** Who is on the other side of these conversations, what everyone is called, who is online. */
  async find(cids) {
    const { session } = this;
    const without = cids.map((cid) => session.conversation(cid)).filter((kept) => kept?.kind === 'direct' && !kept.peer);
    await Promise.all(without.map(async (kept) => {
      const said = await session.try('member.list', { cid: kept.cid });
      if (!said) return;
      for (const member of said.members) session.reading.mark(kept.cid, member.user, member);
      kept.peer = (said.members.find(({ user }) => user !== session.me) ?? said.members[0])?.user;
      if (kept.peer) session.sending.adopt(kept.peer, kept.cid);
    }));
    if (without.length) session.changed('list');
    this.watch([...session.inbox.conversations.values()].map(({ peer }) => peer));
    await this.find_names(boxes.unnamed(session.inbox));
  }

  /** Asked once while connected, however often he is heard of. */
  find_name(user) {
    if (!user || this.session.inbox.names.has(user) || this.asked_names.has(user)) return;
    this.asked_names.add(user);
    this.find_names([user]);
  }

  async find_names(users) {
    const { session } = this;
    for (let from = 0; from < users.length; from += names_per_request) {
      const said = await session.try('user.get', { users: users.slice(from, from + names_per_request) });
      if (!said) return;
      for (const { id, name } of said.users) session.inbox.names.set(id, name || id);
      session.changed('names');
    }
  }

  /** The server shows whom one shares a conversation with; others are tried again when there is one. `again`: also who is watched. */
  watch(users, again = false) {
    if (!this.session.features.has('presence')) return;
    for (const user of users) if (user && (again || !this.presence.watches(user))) this.to_ask.add(user);
    if (!this.asking) this.#ask_presence();
  }

  /**
   * Somebody is out of a conversation (undefined: perhaps several are). If it was the last that was shared, the server stops showing him,
   * without a word, and does not begin again by itself. So it is asked again, and who is not in the answer is forgotten.
   */
  doubt(users = this.presence.watched) { this.watch(users.filter((user) => this.presence.watches(user)), true); }

  /** One question at a time: an older answer undoes no newer one, and many removals at once are one question. */
  async #ask_presence() {
    const { session, presence, to_ask } = this;
    this.asking = true;
    while (to_ask.size) {
      const users = presence.to_watch([...to_ask]);
      to_ask.clear();
      const said = users.length ? await session.try('presence.subscribe', { users }) : undefined;
      if (to_ask !== this.to_ask) return;   // of a connection that has ended
      presence.answered(users, said?.users ?? []);
      session.changed('presence');
    }
    this.asking = false;
  }

  /** online · away · busy · offline, until it is said otherwise; also after a reconnect. */
  async choose(status) {
    const before = this.chosen;
    this.chosen = status;
    this.session.changed('presence');
    try {
      await this.session.ask('presence.set', { status });
    } catch (error) {
      if (error.code === 'offline') return;   // said when the connection is back
      if (this.chosen === status) this.chosen = before;
      this.session.noticed(`Your status is as it was: ${refusal(error)}`);
      this.session.changed('presence');
    }
  }
}
