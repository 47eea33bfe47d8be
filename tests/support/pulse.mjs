// Someone who is served all the while, on a thread of his own so that what the test itself is busy with is not counted: asks for the
// time again and again and remembers the longest wait.
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Client } from './clients.mjs';
import { once, within } from './deadline.mjs';

const answer_deadline_ms = 30_000;

export class Pulse {
  /** Beats until `stop`, as `user` of the server at `url`. */
  static async of(url, user) {
    const pulse = new Pulse();
    Object.assign(pulse, { answers: 0, worst_ms: 0 });
    pulse.worker = new Worker(fileURLToPath(import.meta.url), { workerData: { url, user } });
    pulse.failed = new Promise((_, fail) => pulse.worker.once('error', fail));
    pulse.failed.catch(() => {});   // said by `stop`
    pulse.worker.on('message', ({ answers, worst_ms }) => Object.assign(pulse, { answers, worst_ms }));
    await within(Promise.race([once(pulse.worker, 'message'), pulse.failed]), 'the first answer');
    return pulse;
  }

  /** The longest wait in milliseconds; throws if one was not answered at all. */
  async stop() {
    const ended = once(this.worker, 'exit');
    this.worker.postMessage('stop');
    await Promise.race([ended, this.failed]);
    return this.worst_ms;
  }
}

async function beat({ url, user }) {
  const client = new Client(url, { user });
  await client.hello();
  let beating = true;
  parentPort.once('message', () => { beating = false; });
  for (let answers = 1, worst_ms = 0; beating; answers += 1) {
    const began = performance.now();
    await client.call('time', {}, answer_deadline_ms);
    worst_ms = Math.max(worst_ms, performance.now() - began);
    parentPort.postMessage({ answers, worst_ms });
    await new Promise((next) => setImmediate(next));
  }
  client.close();
}

if (!isMainThread) await beat(workerData);
