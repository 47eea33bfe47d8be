// kill -9 in the middle of all it can take: which messages were acknowledged, and are not there afterwards?
import { Peer, all } from '../load/wire.mjs';
import { install_peer } from '../peers/install.mjs';
import { start_kith, start_peer } from './servers.mjs';
import { none } from './statistics.mjs';

const pairs = 100;
const window = 8;             // messages in flight for each pair
const connects_at_once = 50;
const talk_ms_least = 2_500;
const talk_ms_more = 1_000;   // by chance, so that it does not always hit the same moment
const talk_ms_short = 400;
const page = 100;
const text = 'x'.repeat(64);

/** Someone who sends as fast as the answers come, and remembers what was acknowledged. */
class Sender {
  constructor(port, number) {
    Object.assign(this, { to: `b${number}`, sent: 0, acked: [], talking: false });
    this.peer = new Peer(port, { user: `a${number}` });
  }

  talk() {
    this.talking = true;
    for (let i = 0; i < window; i += 1) this.#send();
  }

  #send() {
    if (!this.talking) return;
    const client_id = `m${this.sent += 1}`;
    this.peer.emit('message.send', { to: this.to, text, client_id }, (answer) => {
      if (answer.startsWith('{"ok":true')) this.acked.push(client_id);
      this.#send();
    });
  }
}

/** Ids of everything in a conversation, page by page. */
export async function stored_ids(reader, to) {
  const ids = new Set();
  for (let after = 0; after !== undefined;) {
    const { messages, next } = await reader.call('message.history', { to, after, limit: page });
    for (const { client_id, id } of messages) ids.add(client_id ?? id);
    after = next;
  }
  return ids;
}

/** Closed without a reset: Node.js can not reset a connection that the other end has lost already, and never ends afterwards. */
function leave(peer) {
  peer.closing = true;
  peer.socket.destroy();
}

/** How many of `acked` are not in `stored`. */
export const missing_of = (acked, stored) => acked.filter((id) => !stored.has(id)).length;

async function killed(contender, ms) {
  const { port } = contender.server;
  const senders = Array.from({ length: pairs }, (_, i) => new Sender(port, i));
  const receivers = senders.map(({ to }) => new Peer(port, { user: to }));
  const everybody = [...senders.map(({ peer }) => peer), ...receivers];
  await all(everybody.length, connects_at_once, (i) => everybody[i].connect());
  for (const sender of senders) sender.talk();
  await new Promise((done) => setTimeout(done, ms));
  await contender.server.kill9();
  for (const sender of senders) sender.talking = false;
  for (const peer of everybody) leave(peer);
  await contender.server.restart();
  let acked = 0;
  let missing = 0;
  for (const sender of senders) {
    const reader = new Peer(port, { user: sender.peer.auth.user, device: 'after' });
    await reader.connect();
    acked += sender.acked.length;
    missing += missing_of(sender.acked, await stored_ids(reader, sender.to));
    leave(reader);
  }
  return { acked, missing, acked_per_s: acked / ms * 1_000, said: [`${acked} acknowledged`, `${missing} missing`] };
}

const against = (start) => async ({ short }) => {
  const contender = await start();
  try { return await killed(contender, short ? talk_ms_short : talk_ms_least + Math.random() * talk_ms_more); } finally { await contender.stop(); }
};

export const kill = {
  name: 'kill', title: 'kill -9 at saturation', how: `${pairs} pairs, ${window} in flight each, killed after some three seconds, started again, and the history compared with what was acknowledged.`,
  cases: {
    kith: against(() => start_kith()),
    immediate: against(() => { install_peer(); return start_peer({ args: ['--store', 'sqlite', '--ack', 'immediate'] }); }),
  },
  lines: [
    { what: 'acknowledged messages missing', peer: 'immediate', kith: 'kith', of: (run) => run.missing, must: none },
    { what: 'acknowledged before the kill', peer: 'immediate', kith: 'kith', of: (run) => run.acked },
  ],
};
