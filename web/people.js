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
  }

  connected() {
    this.enter_lobby();
    if (this.chosen !== 'online') this.session.try('presence.set', { status: this.chosen });
  }

  disconnected() {
    this.session.inbox.here.clear();   // nobody knows; the roster comes again
    this.presence.clear();
    this.asked_names.clear();
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

  /** The server shows whom one shares a conversation with; others are tried again when there is one. */
  async watch(users) {
    const { session, presence } = this;
    const wanted = session.features.has('presence') ? presence.to_watch([...new Set(users)]) : [];
    if (!wanted.length) return;
    const said = await session.try('presence.subscribe', { users: wanted });
    for (const state of said?.users ?? []) presence.note(state);
    const shown = new Set(said?.users.map(({ user }) => user));
    presence.not_watched(wanted.filter((user) => !shown.has(user)));
    session.changed('presence');
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
