// One person's chat: what the server says becomes state, what the user wants becomes commands. No DOM: the page draws `session`
// whenever `changed` is called, and the tests drive it with a pretend link. Here is what is known and what the events do to it; names and
// presence are in people.js, pages and receipts in reading.js, own messages in sending.js, groups in groups.js.
import * as boxes from './inbox.js';
import * as threads from './thread.js';
import { handlers } from './events.js';
import { refusal } from './format.js';
import { Groups } from './groups.js';
import { People } from './people.js';
import { Reading } from './reading.js';
import { Sending } from './sending.js';
import { TypingOthers, TypingSelf } from './typing.js';

const list_page = 200;

export class Session {
  /**
   * `ask(event, body)` → promise of data · `changed(what)` · `heard(message, conversation)` for messages of others · `noticed(text)` for a
   * word to the user · `kept` saved outbox.
   */
  constructor({ ask, changed, heard = () => {}, noticed = () => {}, me = '', kept = [], save = () => {}, new_client_id, now = () => new Date().toISOString(), clock = Date.now, later = (ms, then) => setTimeout(then, ms) }) {
    Object.assign(this, { ask, changed, heard, noticed, me, new_client_id, now, clock, later });
    this.features = new Set();
    this.limits = {};
    this.typing = new TypingOthers();
    this.writing = new TypingSelf((event, key) => { if (!key.startsWith('to:')) this.try(event, { cid: key }); });
    this.people = new People(this);
    this.reading = new Reading(this);
    this.groups = new Groups(this);
    this.sending = new Sending(this, { kept, save });
    this.#clear();
  }

  #clear() {
    this.inbox = boxes.new_inbox(this.me);
    this.threads = new Map();      // cid, or `to:USER` before the first message
    this.list = { state: 'loading', next: undefined };
    this.fetching = new Set();
    this.new_after = undefined;
    this.reading.clear();
    this.groups.clear();
    this.sending.show_all();
  }

  thread(key) {
    if (!this.threads.has(key)) this.threads.set(key, threads.new_thread());
    return this.threads.get(key);
  }

  conversation(key) { return this.inbox.conversations.get(key); }
  get peer() { return this.open?.startsWith('to:') ? this.open.slice(3) : this.conversation(this.open)?.peer; }

  /** The thread with one user: his conversation, or one about to begin. */
  key_of_user(user) { return boxes.find_direct(this.inbox, user)?.cid ?? `to:${user}`; }

  /** For what may fail without the user having to know. */
  async try(event, body) {
    try { return await this.ask(event, body); } catch { return undefined; }
  }

  // ---- the connection

  /** All events of the server. */
  event(name, body) {
    const handler = handlers[name];
    if (handler) { handler(this, body ?? {}); this.changed(name); }
  }

  hello({ user, epoch, features = [], limits = {} }) {
    if (user !== this.me || (this.epoch && epoch !== this.epoch)) { this.me = user; this.#clear(); }
    Object.assign(this, { me: user, epoch, limits, features: new Set(features) });
    this.inbox.me = user;
    for (const thread of this.threads.values()) threads.forget_early(thread);
    this.sending.connected();
    this.people.connected();
    this.load_list();
    if (this.open) this.#read_open();
    this.reading.tell_reads();
  }

  disconnected() {
    this.sending.disconnected();
    this.people.disconnected();
    this.fetching.clear();
    this.typing.clear();
    this.writing.clear();
    this.changed('disconnected');
  }

  reset() {
    this.#clear();
    this.load_list();
    if (this.open) this.#read_open();
  }

  #read_open() {
    this.reading.load_newest(this.open);
    this.groups.load(this.open);
  }

  // ---- the list

  async load_list(next) {
    if (!next && this.list.state !== 'ready') this.list.state = 'loading';
    try {
      const page = await this.ask('conversation.list', { limit: list_page, ...(next ? { next } : {}) });
      for (const shown of page.conversations) boxes.keep_conversation(this.inbox, shown);
      this.list = { state: 'ready', next: page.next };
      this.people.find(page.conversations.map(({ cid }) => cid));
    } catch (error) {
      if (this.list.state !== 'ready') this.list = { state: error.code === 'offline' ? 'loading' : 'error', problem: refusal(error) };
      else if (error.code !== 'offline') this.noticed(`Could not load more: ${refusal(error)}`);
    }
    this.changed('list');
  }

  async fetch_conversation(cid) {
    if (this.fetching.has(cid)) return;
    this.fetching.add(cid);
    const shown = await this.try('conversation.get', { cid });
    this.fetching.delete(cid);
    if (!shown?.role) return;   // who is out of it may still read what it was: nothing to be listed
    this.keep(shown);
    for (const item of this.thread(cid).items) if (item.kind === 'message') boxes.note_message(this.inbox, { ...item, cid });
    this.changed('list');
  }

  keep(shown) {
    const kept = boxes.keep_conversation(this.inbox, shown);
    if (kept.peer) this.sending.adopt(kept.peer, kept.cid);
    this.people.find([shown.cid]);
    return kept;
  }

  // ---- the open conversation

  show(key) {
    this.open = key;
    const kept = this.conversation(key);
    this.new_after = kept && boxes.unread_of(kept) > 0 ? kept.read_seq : undefined;
    if (key?.startsWith('to:')) this.thread(key).top = null;
    else if (key) this.#read_open();
    this.changed('open');
  }

  wrote(text) { if (this.open && this.features.has('typing')) this.writing.wrote(this.open, text, this.clock()); }

  /** Once a second or so. */
  tick() {
    this.writing.tick(this.clock());
    if (this.typing.forget(this.clock())) this.changed('typing');
  }

  typing_names(cid) { return this.typing.users(cid).filter((user) => user !== this.me).map((user) => boxes.name_of(this.inbox, user)); }

  // ---- events that need more than a line

  message(body) {
    const fresh = threads.add_message(this.thread(body.cid), body);
    this.typing.stopped(body.cid, body.sender);
    this.reading.wrote(body);
    const known = boxes.note_message(this.inbox, body);
    if (!known) this.fetch_conversation(body.cid);
    this.people.find_name(body.sender);
    if (fresh && body.sender !== this.me) this.heard(body, this.conversation(body.cid));
  }

  member(what, body) {
    const kept = this.conversation(body.cid);
    const fresh = threads.add_line(this.thread(body.cid), what, body);
    this.people.find_name(body.user);
    if (what === 'removed') this.people.doubt([body.user]);   // his group need not be one whose members were read
    if (!kept || !fresh) return;
    kept.members = (kept.members ?? 0) + (what === 'added' ? 1 : what === 'removed' ? -1 : 0);
    if (body.user === this.me && body.role) kept.role = body.role;
    kept.last_seq = Math.max(kept.last_seq, body.seq);
    this.groups.note(what, body);
  }

  updated(body) {
    const kept = this.conversation(body.cid);
    if (!kept || body.title === undefined) return;
    kept.title = body.title;
    if (body.seq !== undefined) threads.add_line(this.thread(body.cid), 'titled', body);
  }

  /** The event is of the moment of joining, perhaps long ago: what is known here is newer, and what is not is asked for. */
  added(shown) {
    if (this.conversation(shown.cid)) return;
    this.keep(shown);
    this.fetch_conversation(shown.cid);
  }

  removed(cid) {
    const kept = this.conversation(cid);
    const wanted = this.groups.leaving.delete(cid);
    this.inbox.conversations.delete(cid);
    this.threads.delete(cid);
    this.groups.forget(cid);
    this.people.doubt();
    if (this.open === cid) this.open = undefined;
    const unsent = this.sending.forget(cid);
    if (kept && !wanted) this.noticed(`You are no longer in ${boxes.title_of(this.inbox, kept)}.${unsent ? ' What you wrote last was not sent.' : ''}`);
  }
}
