// A wire between client and server that loses its temper: it cuts connections after so many bytes, upgrades in the middle, or
// passes nothing on for a while and then goes on. Until told otherwise it passes everything.
import net from 'node:net';
import { within } from './deadline.mjs';

const head_end = Buffer.from('\r\n\r\n');

/** One direction: what `from` says is written to `to`, as far as `budget` bytes allow. */
class Lane {
  constructor(pair, from, to) {
    Object.assign(this, { pair, from, to, budget: Infinity, passed: 0, stalled: false });
    from.on('data', (bytes) => this.#pass(bytes));
    to.on('drain', () => { if (!this.stalled) from.resume(); });
    from.on('end', () => to.end());
  }

  #pass(bytes) {
    const part = bytes.length > this.budget ? bytes.subarray(0, this.budget) : bytes;
    this.budget -= part.length;
    this.passed += part.length;
    if (part.length && !this.to.write(part)) this.from.pause();
    if (this.budget <= 0) this.pair.cut();
  }

  stall() { this.stalled = true; this.from.pause(); }
  go_on() { this.stalled = false; this.from.resume(); }
}

class Pair {
  constructor(wire, near, far) {
    Object.assign(this, { wire, near, far, reset: false });
    const end = () => { near.destroy(); far.destroy(); wire.pairs.delete(this); };
    for (const socket of [near, far]) { socket.on('error', () => {}); socket.on('close', end); }
    near.once('data', (bytes) => { wire.greet(this, bytes); });
    this.up = new Lane(this, near, far);
    this.down = new Lane(this, far, near);
  }

  /** What was written still goes out, then the connection ends: the peer has half a frame. */
  cut() {
    if (this.reset) { this.near.resetAndDestroy(); this.far.resetAndDestroy(); return; }
    this.near.destroySoon();
    this.far.destroySoon();
  }

  stall({ up, down }) { if (up) this.up.stall(); if (down) this.down.stall(); }
  go_on() { this.up.go_on(); this.down.go_on(); }
}

export class UnrulyWire {
  static async to(port) {
    const wire = new UnrulyWire();
    Object.assign(wire, { pairs: new Set(), cuts: 0, budget_of: undefined, stall_of: undefined });
    wire.listener = net.createServer((near) => {
      const pair = new Pair(wire, near, net.connect(port, '127.0.0.1'));
      wire.pairs.add(pair);
      if (wire.stall_of) pair.stall(wire.stall_of());
    });
    await within(new Promise((done) => wire.listener.listen(0, '127.0.0.1', done)), 'the wire listens');
    wire.port = wire.listener.address().port;
    return wire;
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  /** A connection's first bytes tell what it is; runs before they are passed on. */
  greet(pair, bytes) {
    if (!this.budget_of) return;
    const end = bytes.indexOf(head_end);
    const line = bytes.subarray(0, bytes.indexOf('\r')).toString('latin1');
    const websocket = line.includes('transport=websocket');
    this.#limit(pair, { websocket, upgrade: websocket && line.includes('sid='), head_bytes: end < 0 ? bytes.length : end + head_end.length });
  }

  #limit(pair, what) {
    const limit = this.budget_of(what);
    if (!limit) return;
    this.cuts += 1;
    pair.reset = Boolean(limit.reset);
    pair[limit.up ? 'up' : 'down'].budget = limit.bytes;
  }

  /** From now on: `budget_of({websocket, upgrade, head_bytes})` gives `{up, bytes, reset}` for a connection that shall be cut. */
  arm(budget_of) {
    this.budget_of = budget_of;
    for (const pair of this.pairs) if (pair.up.passed) this.#limit(pair, { websocket: true, upgrade: false, head_bytes: 0 });
  }

  disarm() {
    this.budget_of = undefined;
    for (const pair of this.pairs) pair.up.budget = pair.down.budget = Infinity;
  }

  cut_all() { for (const pair of this.pairs) { pair.reset = true; pair.cut(); } }

  /** From now on `stall_of()` says of each connection, old or new, which directions stand still: {up, down}. */
  stall(stall_of) { this.stall_of = stall_of; for (const pair of this.pairs) pair.stall(stall_of()); }
  go_on() { this.stall_of = undefined; for (const pair of this.pairs) pair.go_on(); }

  async close() { this.cut_all(); await new Promise((done) => this.listener.close(done)); }
}
