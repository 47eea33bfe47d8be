// What is read: pages of the history, how far the others are, how far this user is.
import * as boxes from './inbox.js';
import * as threads from './thread.js';
import { refusal } from './format.js';

const page_messages = 50;
const read_delay_ms = 250;

export class Reading {
  constructor(session) {
    this.session = session;
    this.clear();
  }

  clear() {
    this.marks = new Map();        // cid → Map(user → {read_seq, delivered_seq})
    this.reads = new Map();        // cid → seq not yet told to the server
  }

  // ---- pages

  load_newest(key) { if (!key.startsWith('to:')) return this.#load(key, undefined); }
  load_older(key) { const { top } = this.session.thread(key); if (typeof top === 'number') return this.#load(key, top); }
  load_hole(key, to) { return this.#load(key, to + 1); }

  async #load(key, before) {
    const { session } = this;
    const thread = session.thread(key);
    if (thread.loading) return;
    Object.assign(thread, { loading: true, problem: undefined });
    session.changed('thread');
    try {
      const page = await session.ask('message.history', { cid: key, limit: page_messages, ...(before === undefined ? {} : { before }) });
      threads.add_page(thread, before, page);
      for (const message of page.messages) { this.wrote(message); boxes.note_message(session.inbox, message); session.people.find_name(message.sender); }
    } catch (error) {
      if (error.code !== 'offline') thread.problem = refusal(error);
    }
    thread.loading = false;
    session.changed('thread');
  }

  // ---- the others

  mark(cid, user, { read_seq, delivered_seq }) {
    if (!this.marks.has(cid)) this.marks.set(cid, new Map());
    const of_cid = this.marks.get(cid);
    const old = of_cid.get(user) ?? { read_seq: 0, delivered_seq: 0 };
    of_cid.set(user, { read_seq: Math.max(old.read_seq, read_seq ?? 0), delivered_seq: Math.max(old.delivered_seq, delivered_seq ?? 0, read_seq ?? 0) });
  }

  /** Who writes has read what was there: nothing else is told of it. */
  wrote({ cid, sender, seq }) { if (Number.isInteger(seq)) this.mark(cid, sender, { read_seq: seq }); }

  /** How far the others are, for the ticks: the one of two, of a group the last of all; undefined where it is not known. */
  marks_of(cid) {
    const { session } = this;
    const kept = session.conversation(cid);
    const of_cid = this.marks.get(cid);
    if (!kept || !of_cid) return undefined;
    if (kept.kind === 'direct') return of_cid.get(kept.peer);
    const others = session.groups.others(cid);
    if (!others?.length) return undefined;
    const all = others.map((user) => of_cid.get(user) ?? { read_seq: 0, delivered_seq: 0 });
    return { read_seq: Math.min(...all.map((one) => one.read_seq)), delivered_seq: Math.min(...all.map((one) => one.delivered_seq)) };
  }

  // ---- this user

  /** The user sees the end of the open conversation. */
  seen() {
    const { session } = this;
    const key = session.open;
    if (!key || !session.conversation(key)) return;
    const seq = threads.last_seq(session.thread(key));
    if (!boxes.mark_read(session.inbox, key, seq)) return;
    const due = this.reads.size > 0;
    this.reads.set(key, seq);
    if (!due) session.later(read_delay_ms, () => this.tell_reads());
    session.changed('list');
  }

  async tell_reads() {
    if (!this.reads.size) return;
    const cursors = [...this.reads].map(([cid, seq]) => ({ cid, seq }));
    this.reads.clear();
    try {
      await this.session.ask('receipt.read', { cursors });
    } catch (error) {
      if (error.code === 'offline') for (const { cid, seq } of cursors) if (!this.reads.has(cid)) this.reads.set(cid, seq);
    }
  }
}
