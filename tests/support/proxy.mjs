// A wire between client and server that a test can cut, leave dead, or mend.
import net from 'node:net';
import { within } from './deadline.mjs';

export class Wire {
  static async to(port) {
    const wire = new Wire();
    wire.target = port;
    wire.pairs = new Set();
    wire.open = true;
    wire.listener = net.createServer((near) => wire.#accept(near));
    await within(new Promise((done) => wire.listener.listen(0, '127.0.0.1', done)), 'the wire listens');
    wire.port = wire.listener.address().port;
    return wire;
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  #accept(near) {
    near.on('error', () => {});
    if (!this.open) { near.destroy(); return; }
    const far = net.connect(this.target, '127.0.0.1');
    const pair = { near, far };
    this.pairs.add(pair);
    far.on('error', () => near.destroy());
    const end = () => { near.destroy(); far.destroy(); this.pairs.delete(pair); };
    near.on('close', end);
    far.on('close', end);
    near.pipe(far);
    far.pipe(near);
  }

  /** Every connection is reset, new ones too until `mend`. */
  cut() {
    this.open = false;
    for (const { near, far } of this.pairs) { near.resetAndDestroy?.() ?? near.destroy(); far.resetAndDestroy?.() ?? far.destroy(); }
  }

  mend() { this.open = true; }

  async close() { this.cut(); await new Promise((done) => this.listener.close(done)); }
}
