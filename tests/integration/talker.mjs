// A person with an official client who writes without pause, keeps what was answered, sends again what was not, and shows each `id` once.
import { until, within } from '../support/deadline.mjs';

const window_max = 4;   // sends not yet answered

export class Talker {
  constructor(crowd, { user, version, way }, random) {
    Object.assign(this, { crowd, user, version, way, random });
    this.sent = [];               // {cid | to, client_id, text, ack}
    this.known = new Map();       // cid → Map(id → {id, seq})
    this.cids = [];
    this.talking = false;
    this.count = 0;
    this.gaps = new Set();
    this.client = crowd.add({ user, version, way, device: 'kill9' });
    this.client.socket.on('message.new', (message) => this.#show(message.cid, message));
    this.client.socket.on('conversation.gap', (gap) => this.#fill(gap));
    this.hellos = 0;
    this.client.socket.on('hello', () => { this.hellos += 1; this.#again(); });
    this.#expect_loss();
  }

  /** `lost` is fulfilled with nothing when the present connection goes. */
  #expect_loss() {
    this.lost = new Promise((done) => { this.client.socket.once('disconnect', () => { this.#expect_loss(); done(undefined); }); });
  }

  get acked() { return this.sent.reduce((sum, entry) => sum + (entry.ack ? 1 : 0), 0); }
  unanswered() { return this.sent.filter((entry) => !entry.ack); }

  #show(cid, { id, seq }) {
    if (!this.known.has(cid)) this.known.set(cid, new Map());
    const shown = this.known.get(cid);
    const old = shown.get(id);
    if (old && old.seq !== seq) throw new Error(`${this.user}: ${id} came with seq ${old.seq} and ${seq}`);
    shown.set(id, { id, seq });
  }

  shown(cid) { return [...(this.known.get(cid)?.values() ?? [])].sort((a, b) => a.seq - b.seq); }
  missing(cid, stored) { return stored.filter(({ id }) => !this.known.get(cid)?.has(id)).map(({ seq }) => seq); }
  has_all(cid, stored) { return this.gaps.size === 0 && this.missing(cid, stored).length === 0; }

  /** What a page does when the user scrolls up: the hole is read from its upper end. */
  async #fill(gap) {
    this.gaps.add(gap);
    for (let before = gap.to + 1; before !== undefined && before > gap.from;) {
      const page = await this.client.call('message.history', { cid: gap.cid, before, limit: 100 }).catch(() => undefined);
      if (!page) { if (!this.client.socket.connected) await this.client.event('hello', () => true, { since: this.client.mark }); continue; }
      for (const message of page.messages) this.#show(gap.cid, message);
      before = page.prev;
    }
    this.gaps.delete(gap);
  }

  /** Connected and greeted since the last `pause`. */
  async back() {
    await until(() => this.client.socket.connected && this.hellos > (this.hellos_before ?? 0), `${this.user} (${this.version} ${this.way}) is back`, 15_000);
    this.hellos_before = this.hellos;
  }

  async begin_direct(to) {
    const entry = this.#entry({ to });
    await this.#send(entry);
    entry.cid = entry.ack.cid;
    return entry.ack;
  }

  talk() { if (!this.talking) { this.talking = true; for (let i = 0; i < window_max; i += 1) this.#go_on(); } }
  pause() { this.talking = false; }

  /** Every send is answered. */
  settle() { return until(() => this.unanswered().length === 0, () => `${this.user}'s sends are answered`, 15_000); }

  #entry(target) {
    this.count += 1;
    const entry = { ...target, client_id: `${this.user}-${String(this.count).padStart(6, '0')}`, text: `${this.user} says ${this.count} ${'.'.repeat(Math.floor(this.random() * 200))}` };
    this.sent.push(entry);
    return entry;
  }

  /** Writes, waits for the answer, writes on; a lost answer ends this strand (`#again` sends it once more). */
  async #go_on() {
    while (this.talking && this.client.socket.connected && this.cids.length) {
      const entry = this.#entry({ cid: this.cids[Math.floor(this.random() * this.cids.length)] });
      if (!await this.#send(entry)) return;
    }
  }

  async #send(entry) {
    const { cid, to, client_id, text } = entry;
    const answer = new Promise((done) => { this.client.socket.emit('message.send', cid ? { cid, client_id, text } : { to, client_id, text }, done); });
    const ack = await within(Promise.race([answer, this.lost]), `${this.user}: an answer to ${client_id}`, 20_000);
    if (!ack) return false;
    if (!ack.ok) throw new Error(`${this.user}: ${client_id} refused: ${JSON.stringify(ack.error)}`);
    if (entry.ack && entry.ack.id !== ack.data.id) throw new Error(`${this.user}: ${client_id} has two ids`);
    entry.ack = ack.data;
    this.#show(ack.data.cid, ack.data);
    return true;
  }

  /** After a reconnect: all unanswered, in order, before anything new. */
  #again() { for (const entry of this.unanswered()) this.#send(entry); }
}
