// Aside: one device that has nothing and is given everything, again and again until told to stop.
import { performance } from 'node:perf_hooks';
import { answer_with } from './aside.mjs';
import { Peer } from './wire.mjs';

let going;

/** One device of `user` at the beginning of each of `cids`: milliseconds until it has `expected` messages. */
function catch_up(port, user, cids, epoch, expected) {
  return new Promise((done, fail) => {
    const began = performance.now();
    let count = 0;
    const peer = new Peer(port, { user, device: 'late', ...(epoch ? { epoch, cursors: cids.map((cid) => ({ cid, seq: 0 })) } : {}) }, {
      on_message: () => { count += 1; if (count === expected) { peer.cut(); done(performance.now() - began); } },
      on_event: (name, text) => { if (name === 'conversation.gap' || name === 'session.reset' || name === '#closed') fail(new Error(`after ${count}: ${name} ${text}`)); },
    });
    peer.connect().catch(fail);
  });
}

async function go_on({ port, user, cids, epoch, expected }) {
  const took_ms = [];
  while (going.on) took_ms.push(await catch_up(port, user, cids, epoch, expected));
  return took_ms;
}

answer_with({
  async begin(body) { going = { on: true }; going.done = go_on(body); going.done.catch(() => {}); },
  stop() { going.on = false; return going.done; },
});
