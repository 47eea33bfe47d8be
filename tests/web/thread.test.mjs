import assert from 'node:assert/strict';
import test from 'node:test';
import * as threads from '../../web/thread.js';

const message = (seq, more = {}) => ({ cid: 'c', seq, no: seq, id: `m${seq}`, client_id: `k${seq}`, sender: 'ann', text: `text ${seq}`, ts: `2026-01-01T10:00:${String(seq % 60).padStart(2, '0')}.000Z`, ...more });
const seqs = (thread) => thread.items.map(({ seq }) => seq);
const texts = (thread) => thread.items.map(({ text }) => text);

function shuffled(items, seed) {
  const copy = [...items];
  let state = seed;
  for (let i = copy.length - 1; i > 0; i -= 1) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const j = state % (i + 1);
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

test('messages stand by seq in whatever order and however often they come', () => {
  for (let seed = 1; seed < 50; seed += 1) {
    const thread = threads.new_thread();
    const all = [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => message(seq));
    for (const one of shuffled([...all, ...all], seed)) threads.add_message(thread, one);
    assert.deepEqual(seqs(thread), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(thread.head, 8);
  }
});

test('a message that is known already is not new', () => {
  const thread = threads.new_thread();
  assert.equal(threads.add_message(thread, message(1)), true);
  assert.equal(threads.add_message(thread, message(1)), false);
});

test('a pending message stands at the end until its ack gives it a place', () => {
  const thread = threads.new_thread();
  threads.add_pending(thread, { client_id: 'x', sender: 'me', text: 'mine', ts: '2026-01-01T10:00:00.000Z' });
  threads.add_message(thread, message(1));
  threads.add_message(thread, message(3));
  assert.deepEqual(texts(thread), ['text 1', 'text 3', 'mine']);
  threads.confirm(thread, 'me', 'x', { id: 'mx', seq: 2, no: 2, ts: '2026-01-01T10:00:02.000Z' });
  assert.deepEqual(texts(thread), ['text 1', 'mine', 'text 3']);
  assert.equal(thread.items[1].state, 'sent');
  assert.equal(thread.items[1].key, 'p:x');
});

test('the event of an own message and its ack are one message, whichever comes first', () => {
  const event = message(5, { id: 'mx', client_id: 'x', sender: 'me', text: 'mine' });
  const ack = { id: 'mx', seq: 5, no: 5, ts: event.ts };
  for (const event_first of [true, false]) {
    const thread = threads.new_thread();
    threads.add_pending(thread, { client_id: 'x', sender: 'me', text: 'mine', ts: event.ts });
    if (event_first) threads.add_message(thread, event);
    threads.confirm(thread, 'me', 'x', ack);
    if (!event_first) threads.add_message(thread, event);
    assert.deepEqual(seqs(thread), [5]);
  }
});

test('the same client_id of two senders is two messages', () => {
  const thread = threads.new_thread();
  threads.add_message(thread, message(1, { client_id: 'same' }));
  threads.add_message(thread, message(2, { client_id: 'same', sender: 'bob' }));
  assert.deepEqual(seqs(thread), [1, 2]);
});

test('a failed message may be sent again, a sent one does not fail', () => {
  const thread = threads.new_thread();
  threads.add_pending(thread, { client_id: 'x', sender: 'me', text: 'mine', ts: '2026-01-01T10:00:00.000Z' });
  threads.set_state(thread, 'me', 'x', 'failed', 'too large');
  assert.equal(thread.items[0].problem, 'too large');
  threads.confirm(thread, 'me', 'x', { id: 'mx', seq: 1, no: 1 });
  threads.set_state(thread, 'me', 'x', 'failed');
  assert.equal(thread.items[0].state, 'sent');
  assert.equal(thread.items[0].problem, undefined);
});

test('an early message gets its number, or is taken back', () => {
  const thread = threads.new_thread();
  threads.add_message(thread, message(null, { id: 'early', client_id: 'e' }));
  threads.add_message(thread, message(null, { id: 'gone', client_id: 'g' }));
  threads.add_message(thread, message(7));
  threads.add_message(thread, message(6, { id: 'early', client_id: 'e' }));
  threads.retract(thread, 'gone');
  threads.retract(thread, 'early');
  assert.deepEqual(seqs(thread), [6, 7]);
});

test('pages read upwards until the start', () => {
  const thread = threads.new_thread();
  assert.equal(thread.top, undefined);
  assert.equal(threads.add_page(thread, undefined, { messages: [message(8), message(9)], prev: 8, head: 9 }), 2);
  assert.equal(thread.top, 8);
  threads.add_page(thread, 8, { messages: [message(5), message(7)], prev: 5, head: 9 });
  assert.equal(thread.top, 5);
  threads.add_page(thread, 5, { messages: [message(2)], head: 9 });
  assert.equal(thread.top, null);
  assert.deepEqual(seqs(thread), [2, 5, 7, 8, 9]);
});

test('reading the newest page again does not move the top down', () => {
  const thread = threads.new_thread();
  threads.add_page(thread, undefined, { messages: [message(3), message(4)], prev: 3, head: 4 });
  threads.add_page(thread, 3, { messages: [message(1), message(2)], head: 4 });
  threads.add_page(thread, undefined, { messages: [message(4), message(5)], prev: 4, head: 5 });
  assert.equal(thread.top, null);
});

test('an empty conversation begins at once', () => {
  const thread = threads.new_thread();
  threads.add_page(thread, undefined, { messages: [], head: 0 });
  assert.equal(thread.top, null);
});

test('a hole is closed by the pages that cover it, from its upper end', () => {
  const thread = threads.new_thread();
  threads.add_gap(thread, 10, 29);
  threads.add_gap(thread, 12, 20);
  assert.deepEqual(thread.holes, [{ from: 10, to: 29 }]);
  threads.add_page(thread, 30, { messages: [message(20), message(29)], prev: 20, head: 40 });
  assert.deepEqual(thread.holes, [{ from: 10, to: 19 }]);
  threads.add_page(thread, 20, { messages: [message(8), message(15)], prev: 8, head: 40 });
  assert.deepEqual(thread.holes, []);
});

test('the newest page closes holes up to the head, a page from the middle leaves both ends', () => {
  const thread = threads.new_thread();
  threads.add_gap(thread, 5, 30);
  threads.add_page(thread, 21, { messages: [message(11), message(20)], prev: 11, head: 30 });
  assert.deepEqual(thread.holes, [{ from: 5, to: 10 }, { from: 21, to: 30 }]);
  threads.add_page(thread, undefined, { messages: [message(21), message(28)], prev: 21, head: 30 });
  assert.deepEqual(thread.holes, [{ from: 5, to: 10 }]);
});

test('a line of members is shown once, at its place', () => {
  const thread = threads.new_thread();
  threads.add_message(thread, message(1));
  threads.add_message(thread, message(3));
  const body = { seq: 2, user: 'bob', actor: 'ann', ts: '2026-01-01T10:00:02.000Z' };
  assert.equal(threads.add_line(thread, 'added', body), true);
  assert.equal(threads.add_line(thread, 'added', body), false);
  assert.deepEqual(thread.items.map(({ kind }) => kind), ['message', 'line', 'message']);
});

test('what is read is the last seq, not what is pending', () => {
  const thread = threads.new_thread();
  assert.equal(threads.last_seq(thread), 0);
  threads.add_message(thread, message(4));
  threads.add_pending(thread, { client_id: 'x', sender: 'me', text: 'mine', ts: '2026-01-01T10:00:00.000Z' });
  assert.equal(threads.last_seq(thread), 4);
});

test('a message keeps what it answers and what is attached, and is found by its place', () => {
  const thread = threads.new_thread();
  threads.add_message(thread, message(1));
  threads.add_message(thread, message(3, { reply_to: 1, attachments: [{ url: 'https://a.b/c' }] }));
  threads.add_line(thread, 'titled', { seq: 2, actor: 'ann', title: 'Crew', ts: '2026-01-01T10:00:02.000Z' });
  assert.deepEqual(threads.find_seq(thread, 3).attachments, [{ url: 'https://a.b/c' }]);
  assert.equal(threads.find_seq(thread, threads.find_seq(thread, 3).reply_to).text, 'text 1');
  assert.equal(threads.find_seq(thread, 2), undefined);
  assert.equal(threads.find_seq(thread, 9), undefined);
  assert.equal(thread.items[1].title, 'Crew');
});

test('an own message that was given up is gone; one that was sent stays', () => {
  const thread = threads.new_thread();
  threads.add_pending(thread, { client_id: 'x', sender: 'me', text: 'mine', ts: '2026-01-01T10:00:00.000Z' });
  threads.forget_own(thread, 'me', 'unknown');
  threads.forget_own(thread, 'me', 'x');
  assert.deepEqual(thread.items, []);
  threads.add_message(thread, message(1, { sender: 'me', client_id: 'x' }));
  threads.forget_own(thread, 'me', 'x');
  assert.deepEqual(seqs(thread), [1]);
});
