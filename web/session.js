// One person's chat: what the server says becomes state, what the user wants becomes commands. No DOM: the page draws `session`
// whenever `changed` is called, and the tests drive it with a pretend link.
import * as boxes from './inbox.js';
import * as threads from './thread.js';
import { Outbox } from './outbox.js';
import { handlers, lobby } from './events.js';
import { refusal } from './format.js';
import { PresenceBook } from './presence.js';
import { TypingOthers, TypingSelf } from './typing.js';

const page_messages = 50;
const list_page = 200;
const names_per_request = 200;
const read_delay_ms = 250;

export class Session {
  /** `ask(event, body)` → promise of data · `changed(what)` · `heard(message, conversation)` for messages of others · `kept` saved outbox. */
  constructor({ ask, changed, heard = () => {}, me = '', kept = [], save = () => {}, new_client_id, now = () => new Date().toISOString(), clock = Date.now, later = (ms, then) => setTimeout(then, ms) }) {
    Object.assign(this, { ask, changed, heard, me, new_client_id, now, clock, later });
    this.features = new Set();
    this.typing = new TypingOthers();
    this.writing = new TypingSelf((event, key) => this.#tell_typing(event, key));
    this.presence = new PresenceBook();
    this.chosen = 'online';
    this.outbox = new Outbox({
      entries: kept, save, later,
      send: ({ cid, to, text, client_id }) => this.ask('message.send', cid ? { cid, client_id, text } : { to, client_id, text }),
      on_sent: (entry, data) => this.#sent(entry, data),
      on_failed: (entry, error) => this.#failed(entry, error),
    });
    this.#clear();
  }

  #clear() {
    this.inbox = boxes.new_inbox(this.me);
    this.threads = new Map();      // cid, or `to:USER` before the first message
    this.marks = new Map();        // cid → Map(user → {read_seq, delivered_seq})
    this.list = { state: 'loading', next: undefined };
    this.reads = new Map();        // cid → seq not yet told to the server
    this.fetching = new Set();
    this.new_after = undefined;
    for (const entry of this.outbox.entries) this.#show_entry(entry);
  }

  thread(key) {
    if (!this.threads.has(key)) this.threads.set(key, threads.new_thread());
    return this.threads.get(key);
  }

  conversation(key) { return this.inbox.conversations.get(key); }
  get peer() { return this.open?.startsWith('to:') ? this.open.slice(3) : this.conversation(this.open)?.peer; }

  /** All events of the server. */
  event(name, body) {
    const handler = handlers[name];
    if (handler) { handler(this, body ?? {}); this.changed(name); }
  }

  hello({ user, epoch, features = [] }) {
    if (user !== this.me || (this.epoch && epoch !== this.epoch)) { this.me = user; this.#clear(); }
    Object.assign(this, { me: user, epoch, features: new Set(features) });
    this.inbox.me = user;
    for (const thread of this.threads.values()) threads.forget_early(thread);
    this.outbox.connected();
    this.enter_lobby();
    if (this.chosen !== 'online') this.#try('presence.set', { status: this.chosen });
    this.load_list();
    if (this.open) { this.load_newest(this.open); this.#fetch_marks(this.open); }
    this.#tell_reads();
  }

  disconnected() {
    this.outbox.disconnected();
    this.fetching.clear();
    this.inbox.here.clear();   // nobody knows; the roster comes again
    this.typing.clear();
    this.presence.clear();
    this.writing.sent();
    this.changed('disconnected');
  }

  reset() { this.#clear(); this.load_list(); if (this.open) this.load_newest(this.open); }

  async enter_lobby() {
    const roster = await this.#try('room.join', { room: lobby });
    if (!roster) return;
    const users = roster.users ?? roster.members ?? [];
    this.inbox.here = new Set(users.map((one) => one.user ?? one.id ?? one));
    this.changed('here');
  }

  // ---- the list

  async load_list(next) {
    if (!next && this.list.state !== 'ready') this.list.state = 'loading';
    try {
      const page = await this.ask('conversation.list', { limit: list_page, ...(next ? { next } : {}) });
      for (const shown of page.conversations) boxes.keep_conversation(this.inbox, shown);
      this.list = { state: 'ready', next: page.next };
      this.#find_peers(page.conversations.map(({ cid }) => cid));
    } catch (error) {
      if (this.list.state !== 'ready') this.list = { state: error.code === 'offline' ? 'loading' : 'error', problem: refusal(error) };
    }
    this.changed('list');
  }

  async #fetch_conversation(cid) {
    if (this.fetching.has(cid)) return;
    this.fetching.add(cid);
    const shown = await this.#try('conversation.get', { cid });
    this.fetching.delete(cid);
    if (!shown) return;
    this.keep(shown);
    for (const item of this.thread(cid).items) if (item.kind === 'message') boxes.note_message(this.inbox, { ...item, cid });
    this.changed('list');
  }

  keep(shown) {
    const kept = boxes.keep_conversation(this.inbox, shown);
    if (kept.peer) this.#adopt(kept.peer, kept.cid);
    this.#find_peers([shown.cid]);
    return kept;
  }

  /** Who is on the other side of direct conversations, and what everyone is called. */
  async #find_peers(cids) {
    const without = cids.map((cid) => this.conversation(cid)).filter((kept) => kept?.kind === 'direct' && !kept.peer);
    await Promise.all(without.map(async (kept) => {
      const said = await this.#try('member.list', { cid: kept.cid });
      if (!said) return;
      this.#keep_marks(kept.cid, said.members);
      kept.peer = (said.members.find(({ user }) => user !== this.me) ?? said.members[0])?.user;
      if (kept.peer) this.#adopt(kept.peer, kept.cid);
    }));
    if (without.length) this.changed('list');
    this.#watch([...this.inbox.conversations.values()].map(({ peer }) => peer));
    await this.#find_names(boxes.unnamed(this.inbox));
  }

  /** The server shows whom one shares a conversation with; others are tried again when there is one. */
  async #watch(users) {
    const wanted = this.features.has('presence') ? this.presence.to_watch([...new Set(users)]) : [];
    if (!wanted.length) return;
    const said = await this.#try('presence.subscribe', { users: wanted });
    for (const state of said?.users ?? []) this.presence.note(state);
    const shown = new Set(said?.users.map(({ user }) => user));
    this.presence.not_watched(wanted.filter((user) => !shown.has(user)));
    this.changed('presence');
  }

  /** online · away · busy · offline, until it is said otherwise; also after a reconnect. */
  async choose(status) {
    this.chosen = status;
    this.changed('presence');
    await this.#try('presence.set', { status });
  }

  // ---- typing

  wrote(text) { if (this.open && this.features.has('typing')) this.writing.wrote(this.open, text, this.clock()); }

  /** Once a second or so. */
  tick() {
    this.writing.tick(this.clock());
    if (this.typing.forget(this.clock())) this.changed('typing');
  }

  #tell_typing(event, key) { if (!key.startsWith('to:')) this.#try(event, { cid: key }); }

  typing_names(cid) { return this.typing.users(cid).filter((user) => user !== this.me).map((user) => boxes.name_of(this.inbox, user)); }

  async #find_names(users) {
    for (let from = 0; from < users.length; from += names_per_request) {
      const said = await this.#try('user.get', { users: users.slice(from, from + names_per_request) });
      if (!said) return;
      for (const { id, name } of said.users) this.inbox.names.set(id, name || id);
      this.changed('names');
    }
  }

  // ---- the open conversation

  show(key) {
    this.open = key;
    const kept = this.conversation(key);
    this.new_after = kept && boxes.unread_of(kept) > 0 ? kept.read_seq : undefined;
    if (key?.startsWith('to:')) this.thread(key).top = null;
    else if (key) { this.load_newest(key); this.#fetch_marks(key); }
    this.changed('open');
  }

  /** The thread with one user: his conversation, or one about to begin. */
  key_of_user(user) { return boxes.find_direct(this.inbox, user)?.cid ?? `to:${user}`; }

  load_newest(key) { if (!key.startsWith('to:')) return this.#load(key, undefined); }
  load_older(key) { const { top } = this.thread(key); if (typeof top === 'number') return this.#load(key, top); }
  load_hole(key, to) { return this.#load(key, to + 1); }

  async #load(key, before) {
    const thread = this.thread(key);
    if (thread.loading) return;
    Object.assign(thread, { loading: true, problem: undefined });
    this.changed('thread');
    try {
      const page = await this.ask('message.history', { cid: key, limit: page_messages, ...(before === undefined ? {} : { before }) });
      threads.add_page(thread, before, page);
      for (const message of page.messages) boxes.note_message(this.inbox, message);
    } catch (error) {
      if (error.code !== 'offline') thread.problem = refusal(error);
    }
    thread.loading = false;
    this.changed('thread');
  }

  async #fetch_marks(cid) {
    if (this.conversation(cid)?.kind !== 'direct') return;
    const said = await this.#try('member.list', { cid });
    if (said) { this.#keep_marks(cid, said.members); this.changed('thread'); }
  }

  #keep_marks(cid, members) { for (const member of members) this.mark(cid, member.user, member); }

  mark(cid, user, { read_seq, delivered_seq }) {
    if (!this.marks.has(cid)) this.marks.set(cid, new Map());
    const of_cid = this.marks.get(cid);
    const old = of_cid.get(user) ?? { read_seq: 0, delivered_seq: 0 };
    of_cid.set(user, { read_seq: Math.max(old.read_seq, read_seq ?? 0), delivered_seq: Math.max(old.delivered_seq, delivered_seq ?? 0) });
  }

  /** The user sees the end of the open conversation. */
  seen() {
    const key = this.open;
    if (!key || !this.conversation(key)) return;
    const seq = threads.last_seq(this.thread(key));
    if (!boxes.mark_read(this.inbox, key, seq)) return;
    const due = this.reads.size > 0;
    this.reads.set(key, seq);
    if (!due) this.later(read_delay_ms, () => this.#tell_reads());
    this.changed('list');
  }

  async #tell_reads() {
    if (!this.reads.size) return;
    const cursors = [...this.reads].map(([cid, seq]) => ({ cid, seq }));
    this.reads.clear();
    try {
      await this.ask('receipt.read', { cursors });
    } catch (error) {
      if (error.code === 'offline') for (const { cid, seq } of cursors) if (!this.reads.has(cid)) this.reads.set(cid, seq);
    }
  }

  // ---- sending

  send(text) {
    const key = this.open;
    if (!key || !text.trim()) return;
    const target = key.startsWith('to:') ? { to: key.slice(3) } : { cid: key };
    this.new_after = undefined;
    this.writing.sent();
    const entry = { ...target, text, client_id: this.new_client_id(), ts: this.now() };
    this.#show_entry(entry);
    this.outbox.add(target, text, entry);
    this.changed('thread');
  }

  retry(client_id) {
    const entry = this.outbox.retry(client_id);
    if (entry) { threads.set_state(this.thread(this.#key_of(entry)), this.me, client_id, 'pending'); this.changed('thread'); }
  }

  #key_of({ cid, to }) { return cid ?? this.key_of_user(to); }

  #show_entry(entry) {
    const thread = this.thread(this.#key_of(entry));
    threads.add_pending(thread, { ...entry, sender: this.me });
    if (entry.failed) threads.set_state(thread, this.me, entry.client_id, 'failed');
  }

  #sent(entry, data) {
    if (entry.to) this.#adopt(entry.to, data.cid);
    threads.confirm(this.thread(data.cid), this.me, entry.client_id, data);
    const message = { ...data, client_id: entry.client_id, sender: this.me, text: entry.text };
    if (!this.conversation(data.cid)?.role) this.#fetch_conversation(data.cid);
    boxes.note_message(this.inbox, message);
    this.changed('thread');
  }

  #failed(entry, error) {
    threads.set_state(this.thread(this.#key_of(entry)), this.me, entry.client_id, 'failed', refusal(error));
    this.changed('thread');
  }

  /** What was begun as `to:USER` is this conversation. */
  #adopt(user, cid) {
    const kept = this.conversation(cid) ?? boxes.keep_conversation(this.inbox, { cid, kind: 'direct' });
    kept.peer = user;
    const key = `to:${user}`;
    const begun = this.threads.get(key);
    if (begun) {
      this.threads.delete(key);
      for (const item of begun.items) {
        threads.add_pending(this.thread(cid), item);
        threads.set_state(this.thread(cid), this.me, item.client_id, item.state, item.problem);
      }
    }
    if (this.open === key) { this.open = cid; this.load_newest(cid); }
  }

  // ---- events that need more than a line

  message(body) {
    const fresh = threads.add_message(this.thread(body.cid), body);
    this.typing.stopped(body.cid, body.sender);
    const known = boxes.note_message(this.inbox, body);
    if (!known) this.#fetch_conversation(body.cid);
    if (!this.inbox.names.has(body.sender) && !this.fetching.has(`name ${body.sender}`)) {
      this.fetching.add(`name ${body.sender}`);
      this.#find_names([body.sender]);
    }
    if (fresh && body.sender !== this.me) this.heard(body, this.conversation(body.cid));
  }

  member(what, body) {
    const kept = this.conversation(body.cid);
    const fresh = threads.add_line(this.thread(body.cid), what, body);
    if (!kept || !fresh) return;
    kept.members = (kept.members ?? 0) + (what === 'added' ? 1 : what === 'removed' ? -1 : 0);
    if (body.user === this.me && body.role) kept.role = body.role;
    kept.last_seq = Math.max(kept.last_seq, body.seq);
  }

  /** The event is of the moment of joining, perhaps long ago: what is known here is newer, and what is not is asked for. */
  added(shown) {
    if (this.conversation(shown.cid)) return;
    this.keep(shown);
    this.#fetch_conversation(shown.cid);
  }

  removed(cid) {
    this.inbox.conversations.delete(cid);
    this.threads.delete(cid);
    if (this.open === cid) this.open = undefined;
  }

  /** For what may fail without the user having to know. */
  async #try(event, body) {
    try { return await this.ask(event, body); } catch { return undefined; }
  }
}
