// Clients in a process of their own, with low priority: what they cost must not delay the clock of those that are measured.
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const nice = 10;

/** Starts `file`, whose answers to `ask` come by `answer_with`. */
export class Aside {
  constructor(file) {
    this.child = fork(fileURLToPath(new URL(file, import.meta.url)));
    this.ended = new Promise((_, fail) => this.child.once('exit', (code, signal) => fail(new Error(`${file} ended with ${code ?? signal}`))));
    this.ended.catch(() => {});   // said by `ask`
  }

  ask(what, body = {}) {
    const said = new Promise((done, fail) => this.child.once('message', ({ answer, error }) => (error ? fail(new Error(error)) : done(answer))));
    this.child.send({ what, body });
    return Promise.race([said, this.ended]);
  }

  close() { this.child.kill('SIGKILL'); }
}

/** In the process aside: `orders` name → async (body) → answer. */
export function answer_with(orders) {
  setPriority(nice);
  process.on('message', async ({ what, body }) => {
    try { process.send({ answer: await orders[what](body) ?? null }); } catch (error) { process.send({ error: error.stack }); }
  });
}
