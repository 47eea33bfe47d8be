// One device with an official client that writes without pause and logs what it sent, what was answered and what it was shown, each
// with the session (the count of greetings) it happened in. It never gives up: what was not answered, or was refused `retryable`, is
// sent again with its client_id until it is acknowledged. Now and then it says how far it has read. The judge reads the log, nothing else.
import { performance } from 'node:perf_hooks';
import { Client } from '../../support/clients.mjs';

const retry_ms_min = 50;
const history_page = 100;
const reads_share = 1 / 40;   // of what is shown

export class Device {
  constructor(url, { user, version, way, name, carries_cursors = false }, { window, random }) {
    Object.assign(this, { user, version, way, name, window, random, reading: random.branch(1), closed: false });
    this.session = 0;
    this.ready = false;
    this.talking = false;
    this.targets = [];            // cid, as often as it shall be drawn
    this.sends = [];              // {cid, client_id, text, refused: [code], acks: [{session, id, seq, no, duplicate}], emitted: [session]}
    this.pending = new Map();     // client_id → entry, in the order of writing
    this.heard = [];              // {session, what: hello | new | early | stored | retracted | ack | gap | filled | member | own | reads | read | reset | lost, cid, id, seq, …}
    this.known = new Map();       // cid → {ids, seqs, whole}: `whole` is the last seq below which nothing is missing
    this.gaps = new Set();
    this.early = new Map();       // id → cid, shown before their commit, not yet settled in this session
    this.acked = 0;
    this.delivered = 0;
    this.epoch = undefined;
    const who = carries_cursors ? { auth: (say) => say({ user, device: name, ...this.#cursors() }) } : { device: name };
    this.client = new Client(url, { user, version, way, keeps: false, ...who });
    this.#listen();
  }

  #listen() {
    const { socket } = this.client;
    socket.on('hello', ({ epoch }) => this.#greeted(epoch));
    socket.on('disconnect', (reason) => { this.ready = false; if (!this.closed) this.#log({ what: 'lost', reason }); });
    socket.on('message.new', (message) => this.#shown(message.seq === null ? 'early' : 'new', message));
    socket.on('message.stored', ({ cid, id, seq, no }) => { this.#log({ what: 'stored', cid, id, seq, no }); this.#know(cid, id, seq); });
    socket.on('message.retracted', ({ cid, id }) => { this.#log({ what: 'retracted', cid, id }); this.early.delete(id); });
    for (const change of ['added', 'removed']) {
      socket.on(`member.${change}`, ({ cid, seq, user }) => this.#member(change, cid, seq, user));
      socket.on(`conversation.${change}`, ({ cid, seq }) => { this.#log({ what: 'own', cid, seq }); this.#know(cid, undefined, seq); });
    }
    socket.on('conversation.gap', ({ cid, from, to }) => this.#gap({ cid, from, to }));
    socket.on('session.reset', () => this.#log({ what: 'reset' }));
  }

  #log(entry) { this.heard.push({ at: Math.round(performance.now()), session: this.session, ...entry }); }

  #cursors() {
    const cursors = [...this.known].filter(([, { whole }]) => whole).map(([cid, { whole }]) => ({ cid, seq: whole }));
    return this.epoch === undefined ? {} : { epoch: this.epoch, cursors };
  }

  #greeted(epoch) {
    this.session += 1;
    this.ready = true;
    this.epoch = epoch;
    this.early.clear();
    this.#log({ what: 'hello' });
    for (const entry of this.pending.values()) this.#emit(entry);   // in order, before anything new
    for (const gap of this.gaps) this.#fill(gap);
    this.on_greeted?.();
    this.#go_on();
  }

  #shown(what, { cid, id, seq, no, sender, client_id, text }) {
    this.delivered += what === 'filled' ? 0 : 1;
    this.#log({ what, cid, id, seq, no, sender, client_id, text });
    if (what === 'early') { this.early.set(id, cid); return; }
    this.#know(cid, id, seq);
    if (this.reading.is(reads_share)) this.#read(cid, seq);
  }

  #read(cid, seq) {
    this.#log({ what: 'reads', cid, seq });
    this.client.socket.emit('receipt.read', { cursors: [{ cid, seq }] }, ({ ok }) => { if (ok) this.#log({ what: 'read', cid, seq }); });
  }

  /** Who comes in concerns himself from there on; who goes is not told what becomes of what he was shown early. */
  #member(change, cid, seq, user) {
    if (change === 'removed' && user === this.user) for (const [id, where] of this.early) if (where === cid) this.early.delete(id);
    this.#log({ what: 'member', change, cid, seq, user });
    if (change === 'added' && user === this.user) this.#place(cid).whole = Math.max(this.#place(cid).whole, seq);
    this.#know(cid, undefined, seq);
  }

  #place(cid) {
    if (!this.known.has(cid)) this.known.set(cid, { ids: new Map(), seqs: new Set(), whole: 0 });
    return this.known.get(cid);
  }

  #know(cid, id, seq) {
    const known = this.#place(cid);
    if (id !== undefined) { known.ids.set(id, seq); this.early.delete(id); }
    known.seqs.add(seq);
    while (known.seqs.has(known.whole + 1)) known.whole += 1;
  }

  /** Has `count` messages of `cid` after `since`, and no hole it was told of is open. */
  has(cid, count, since = 0) {
    const { ids } = this.#place(cid);
    return this.gaps.size === 0 && (since ? [...ids.values()].filter((seq) => seq > since).length : ids.size) >= count;
  }

  /** Nothing it was shown early is still open. */
  settled() { return this.early.size === 0; }

  talk() { this.talking = true; this.#go_on(); }
  pause() { this.talking = false; }

  /** The one-to-one conversation with `to`, by its first message. */
  begin_direct(to) {
    return new Promise((done) => { this.#write({ to }).on_ack = done; });
  }

  #go_on() {
    while (this.talking && this.ready && this.targets.length && this.pending.size < this.window) this.#write({ cid: this.random.one(this.targets) });
  }

  #write(target) {
    const client_id = `${this.name}-${String(this.sends.length + 1).padStart(7, '0')}`;
    const entry = { ...target, client_id, text: `${client_id} ${'.'.repeat(this.random.below(160))}`, refused: [], acks: [], emitted: [] };
    this.sends.push(entry);
    this.pending.set(client_id, entry);
    this.#emit(entry);
    return entry;
  }

  #emit(entry) {
    const { cid, to, client_id, text } = entry;
    clearTimeout(entry.timer);
    entry.emitted.push(this.session);
    this.client.socket.emit('message.send', cid ? { cid, client_id, text } : { to, client_id, text }, (answer) => this.#answered(entry, answer));
  }

  #answered(entry, { ok, data, error }) {
    if (!ok) { this.#refused(entry, error); return; }
    const { cid, id, seq, no, duplicate } = data;
    entry.cid ??= cid;
    this.#log({ what: 'ack', cid, id, seq, duplicate, client_id: entry.client_id });
    entry.acks.push({ session: this.session, id, seq, no, duplicate });
    this.#know(cid, id, seq);
    if (!this.pending.delete(entry.client_id)) return;
    this.acked += 1;
    entry.on_ack?.(cid);
    this.#go_on();
  }

  #refused(entry, error) {
    entry.refused.push(error.code);
    if (!error.retryable) { entry.refused_for_good = error; this.pending.delete(entry.client_id); this.#go_on(); return; }
    entry.timer = setTimeout(() => { if (this.ready && this.pending.has(entry.client_id)) this.#emit(entry); }, Math.max(retry_ms_min, error.retry_after_ms ?? 0));
  }

  #gap({ cid, from, to }) {
    this.#log({ what: 'gap', cid, from, to });
    const gap = { cid, from, to, before: to + 1 };
    this.gaps.add(gap);
    this.#fill(gap);
  }

  /** What a page does when the user scrolls up: the hole is read from its upper end. A lost answer is asked for again after the next greeting. */
  #fill(gap) {
    clearTimeout(gap.timer);
    const { cid, from, before } = gap;
    this.client.socket.emit('message.history', { cid, before, limit: history_page }, ({ ok, data, error }) => {
      if (gap.before !== before) return;   // asked twice, answered already
      if (!ok) { gap.timer = setTimeout(() => { if (this.ready) this.#fill(gap); }, Math.max(retry_ms_min, error.retry_after_ms ?? 0)); return; }
      for (const message of data.messages) this.#shown('filled', message);
      gap.before = data.prev;
      if (data.prev === undefined || data.prev <= from) this.#filled(gap);
      else this.#fill(gap);
    });
  }

  /** Whole: what history does not tell are comings and goings. */
  #filled(gap) {
    this.gaps.delete(gap);
    for (let seq = gap.from; seq <= gap.to; seq += 1) this.#know(gap.cid, undefined, seq);
  }

  close() {
    this.closed = true;
    for (const { timer } of [...this.pending.values(), ...this.gaps]) clearTimeout(timer);
    this.client.close();
  }
}
