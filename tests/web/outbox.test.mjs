import assert from 'node:assert/strict';
import test from 'node:test';
import { Outbox } from '../../web/outbox.js';

/** A server that answers when the test says so. */
function world(entries) {
  const seen = { sends: [], sent: [], failed: [], waiting: [], saved: undefined, timers: [] };
  seen.outbox = new Outbox({
    entries,
    send: (entry) => new Promise((ack, refuse) => seen.sends.push({ client_id: entry.client_id, text: entry.text, ack, refuse })),
    on_sent: (entry, data) => seen.sent.push([entry.client_id, data]),
    on_failed: (entry, error) => seen.failed.push([entry.client_id, error.code]),
    on_waiting: (entry, error) => seen.waiting.push([entry.client_id, error.code]),
    save: (kept) => { seen.saved = kept; },
    later: (ms, then) => seen.timers.push({ ms, then }),
  });
  seen.add = (client_id) => seen.outbox.add({ cid: 'c' }, `text ${client_id}`, { client_id, ts: 't' });
  seen.ids = () => seen.sends.map(({ client_id }) => client_id);
  return seen;
}

const turn = () => new Promise((done) => setImmediate(done));
const refusal = (code, more = {}) => Object.assign(new Error(code), { code, ...more });

test('a message written without a connection goes out when there is one, in order', async () => {
  const seen = world();
  seen.add('a');
  seen.add('b');
  assert.deepEqual(seen.ids(), []);
  assert.deepEqual(seen.saved.map(({ client_id }) => client_id), ['a', 'b']);
  seen.outbox.connected();
  assert.deepEqual(seen.ids(), ['a', 'b']);
  seen.sends[0].ack({ seq: 1 });
  await turn();
  assert.deepEqual(seen.sent, [['a', { seq: 1 }]]);
  assert.deepEqual(seen.saved.map(({ client_id }) => client_id), ['b']);
});

test('what was not answered is sent again with the same id after a reconnect, once', async () => {
  const seen = world();
  seen.outbox.connected();
  seen.add('a');
  seen.outbox.disconnected();
  seen.sends[0].refuse(refusal('offline', { retryable: true }));
  seen.outbox.connected();
  seen.outbox.connected();
  await turn();
  assert.deepEqual(seen.ids(), ['a', 'a']);
  seen.sends[1].ack({ seq: 4 });
  await turn();
  assert.deepEqual(seen.sent, [['a', { seq: 4 }]]);
  assert.deepEqual(seen.failed, []);
});

test('a late refusal of an older try does not touch the present one', async () => {
  const seen = world();
  seen.outbox.connected();
  seen.add('a');
  seen.outbox.disconnected();
  seen.outbox.connected();
  seen.sends[0].refuse(refusal('too_large'));
  await turn();
  assert.deepEqual(seen.failed, []);
  seen.sends[1].ack({ seq: 1 });
  await turn();
  assert.equal(seen.sent.length, 1);
});

test('a refusal that may pass is tried again when the server says, a few times', async () => {
  const seen = world();
  seen.outbox.connected();
  seen.add('a');
  for (let tries = 1; tries < 5; tries += 1) {
    seen.sends.at(-1).refuse(refusal('overloaded', { retryable: true, retry_after_ms: 70 }));
    await turn();
    assert.equal(seen.timers.at(-1).ms, 70);
    seen.timers.at(-1).then();
  }
  seen.sends.at(-1).refuse(refusal('overloaded', { retryable: true }));
  await turn();
  assert.equal(seen.sends.length, 5);
  assert.deepEqual(seen.waiting, Array.from({ length: 4 }, () => ['a', 'overloaded']));
  assert.deepEqual(seen.failed, [['a', 'overloaded']]);
});

test('behind what is refused for now the rest goes one by one, in order, also what is written meanwhile', async () => {
  const seen = world();
  seen.outbox.connected();
  for (const id of ['a', 'b', 'c']) seen.add(id);
  seen.sends[0].ack({ seq: 1 });
  for (const send of seen.sends.slice(1)) send.refuse(refusal('rate_limited', { retryable: true, retry_after_ms: 70 }));
  await turn();
  seen.add('d');
  assert.deepEqual(seen.ids(), ['a', 'b', 'c']);
  assert.equal(seen.timers.length, 1, 'one wait for all');
  seen.timers[0].then();
  assert.deepEqual(seen.ids().slice(3), ['b']);
  for (const [place, next] of [[3, 'c'], [4, 'd']]) {
    seen.sends[place].ack({ seq: place });
    await turn();
    assert.equal(seen.ids().at(-1), next);
  }
  seen.sends[5].ack({ seq: 6 });
  await turn();
  assert.deepEqual(seen.sent.map(([id]) => id), ['a', 'b', 'c', 'd']);
  seen.add('e');
  seen.add('f');
  assert.deepEqual(seen.ids().slice(6), ['e', 'f'], 'and then together again');
});

test('one that is refused for good does not hold up the rest', async () => {
  const seen = world();
  seen.outbox.connected();
  for (const id of ['a', 'b']) seen.add(id);
  for (const send of [...seen.sends]) send.refuse(refusal('overloaded', { retryable: true }));
  await turn();
  seen.timers[0].then();
  seen.sends[2].refuse(refusal('forbidden', { retryable: false }));
  await turn();
  assert.deepEqual(seen.ids(), ['a', 'b', 'a', 'b']);
});

test('a refused message waits for the user and keeps its id', async () => {
  const seen = world();
  seen.outbox.connected();
  seen.add('a');
  seen.sends[0].refuse(refusal('too_large', { retryable: false }));
  await turn();
  assert.deepEqual(seen.failed, [['a', 'too_large']]);
  seen.outbox.disconnected();
  seen.outbox.connected();
  assert.equal(seen.sends.length, 1);
  seen.outbox.retry('a');
  assert.deepEqual(seen.ids(), ['a', 'a']);
  assert.equal(seen.outbox.retry('unknown'), undefined);
});

test('a discarded message is neither sent nor kept', async () => {
  const seen = world();
  seen.add('a');
  seen.outbox.discard('a');
  seen.outbox.connected();
  assert.deepEqual(seen.ids(), []);
  assert.deepEqual(seen.saved, []);
});

test('messages kept over a reload go out again, failed ones wait', () => {
  const seen = world([{ cid: 'c', text: 'one', client_id: 'a', failed: false }, { cid: 'c', text: 'two', client_id: 'b', failed: true }]);
  seen.outbox.connected();
  assert.deepEqual(seen.ids(), ['a']);
});
