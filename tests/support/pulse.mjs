// Someone who is served all the while: asks for the time again and again and remembers the longest wait.
import { performance } from 'node:perf_hooks';

export class Pulse {
  constructor(client) { Object.assign(this, { client, worst_ms: 0, answers: 0, beating: true }); this.done = this.#beat(); }

  async #beat() {
    while (this.beating) {
      const began = performance.now();
      await this.client.call('time', {}, 8_000);
      this.worst_ms = Math.max(this.worst_ms, performance.now() - began);
      this.answers += 1;
      await new Promise((next) => setImmediate(next));
    }
  }

  /** The longest wait in milliseconds; throws if one was not answered at all. */
  async stop() { this.beating = false; await this.done; return this.worst_ms; }
}
