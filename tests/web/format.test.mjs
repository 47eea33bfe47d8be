import assert from 'node:assert/strict';
import test from 'node:test';
import * as format from '../../web/format.js';
import { new_thread, add_message, add_pending, add_line, add_gap } from '../../web/thread.js';
import { rows_of, tick_of } from '../../web/rows.js';

const local = (...parts) => new Date(...parts).toISOString();
const now = new Date(2026, 2, 12, 15, 0);

test('days are named by how far they are', () => {
  const name = (...day) => format.day_label(local(...day), now, 'en-GB');
  assert.equal(name(2026, 2, 12, 0, 1), 'Today');
  assert.equal(name(2026, 2, 11, 23, 59), 'Yesterday');
  assert.equal(name(2026, 2, 9), 'Monday');
  assert.equal(name(2026, 1, 3), '3 February');
  assert.equal(name(2025, 1, 3), '3 February 2025');
});

test('a refusal is said to a person, not to a developer', () => {
  assert.equal(format.refusal({ code: 'too_large', message: '`text` is at most text_bytes_max bytes' }), 'This is too long.');
  assert.equal(format.refusal({ code: 'validation_failed', message: 'a user is named by 1 to 64 characters' }), 'a user is named by 1 to 64 characters');
  assert.equal(format.refusal({}), 'The server did not take this.');
});

test('the room in a message is counted in bytes, and said when it gets short', () => {
  assert.deepEqual(format.room_for('ab', 10_000), { left: 9_998, near: false });
  assert.deepEqual(format.room_for('x'.repeat(9_600), 10_000), { left: 400, near: true });
  assert.deepEqual(format.room_for('ééé', 4), { left: -2, near: true });
  assert.deepEqual(format.room_for('x'.repeat(99_999), undefined), { left: Infinity, near: false });
});

test('the list shows a time today and a day before', () => {
  const name = (...day) => format.short_when(local(...day), now, 'en-GB');
  assert.equal(name(2026, 2, 12, 9, 5), '09:05');
  assert.equal(name(2026, 2, 11, 9, 5), 'Yesterday');
  assert.equal(name(2026, 2, 9), 'Mon');
  assert.equal(name(2026, 0, 9), '9 Jan');
});

test('a name has letters and a colour of its own', () => {
  assert.equal(format.initials('ann'), 'A');
  assert.equal(format.initials('Ann-Marie von Berg'), 'AB');
  assert.equal(format.initials('  '), '?');
  assert.equal(format.initials('🦊 fox'), '🦊F');
  assert.equal(format.tint('ann'), format.tint('ann'));
  for (const name of ['a', 'bob', '名前', '']) assert.ok(format.tint(name) >= 0 && format.tint(name) < format.tints);
});

test('a preview is one line and never cuts a character in half', () => {
  assert.equal(format.preview(' two\n lines  here '), 'two lines here');
  assert.equal(format.preview('🦊'.repeat(10), 3), '🦊🦊🦊…');
});

test('long counts are cut', () => {
  assert.equal(format.count_label(99), '99');
  assert.equal(format.count_label(100), '99+');
});

const message = (seq, sender, ts) => ({ cid: 'c', seq, no: seq, id: `m${seq}`, client_id: `k${seq}`, sender, text: `t${seq}`, ts });
const kinds = (thread, options) => rows_of(thread, { me: 'me', now, locale: 'en-GB', ...options }).map((row) => (row.kind === 'message' ? row.item.text : row.kind));

test('rows part days, and one sender\'s messages close together are a run', () => {
  const thread = new_thread();
  add_message(thread, message(1, 'bob', local(2026, 2, 11, 10, 0)));
  add_message(thread, message(2, 'bob', local(2026, 2, 12, 10, 0)));
  add_message(thread, message(3, 'bob', local(2026, 2, 12, 10, 1)));
  add_message(thread, message(4, 'bob', local(2026, 2, 12, 11, 0)));
  add_message(thread, message(5, 'me', local(2026, 2, 12, 11, 0)));
  assert.deepEqual(kinds(thread), ['day', 't1', 'day', 't2', 't3', 't4', 't5']);
  const runs = rows_of(thread, { me: 'me', now, group: true }).filter(({ kind }) => kind === 'message');
  assert.deepEqual(runs.map(({ first, last, named, mine }) => [first, last, named, mine]), [
    [true, true, true, false], [true, false, true, false], [false, true, false, false], [true, true, true, false], [true, true, false, true]]);
});

test('the line of the new stands once, before the first unread message of another', () => {
  const thread = new_thread();
  for (let seq = 1; seq <= 4; seq += 1) add_message(thread, message(seq, seq === 3 ? 'me' : 'bob', local(2026, 2, 12, 10, seq)));
  assert.deepEqual(kinds(thread, { new_after: 2 }), ['day', 't1', 't2', 't3', 'new', 't4']);
  assert.deepEqual(kinds(thread, { new_after: 4 }), ['day', 't1', 't2', 't3', 't4']);
});

test('what the system says is a line, part of no run, and not new', () => {
  const thread = new_thread();
  add_message(thread, message(1, 'bob', local(2026, 2, 12, 10, 1)));
  add_message(thread, { ...message(2, 'bob', local(2026, 2, 12, 10, 2)), type: 'system.call' });
  add_message(thread, message(3, 'bob', local(2026, 2, 12, 10, 3)));
  assert.deepEqual(kinds(thread), ['day', 't1', 'line', 't3']);
  assert.deepEqual(kinds(thread, { new_after: 1 }), ['day', 't1', 'line', 'new', 't3']);
  assert.equal(rows_of(thread, { me: 'me', now }).at(-1).first, true);
});

test('a hole stands where its messages are missing, the start at the start', () => {
  const thread = new_thread();
  add_message(thread, message(1, 'bob', local(2026, 2, 12, 10, 0)));
  add_message(thread, message(9, 'bob', local(2026, 2, 12, 10, 1)));
  add_line(thread, 'added', { seq: 10, user: 'eve', actor: 'bob', ts: local(2026, 2, 12, 10, 2) });
  add_gap(thread, 2, 8);
  assert.deepEqual(kinds(thread), ['day', 't1', 'hole', 'day', 't9', 'line']);
  thread.top = null;
  add_gap(thread, 11, 12);
  assert.deepEqual(kinds(thread), ['start', 'day', 't1', 'hole', 'day', 't9', 'line', 'hole']);
});

test('ticks say how far an own message has come', () => {
  const thread = new_thread();
  const item = add_pending(thread, { client_id: 'x', sender: 'me', text: 'x', ts: local(2026, 2, 12, 10, 0) });
  assert.equal(tick_of(item), 'pending');
  add_message(thread, { ...message(4, 'me', item.ts), client_id: 'x' });
  assert.equal(tick_of(item), 'sent');
  assert.equal(tick_of(item, { read_seq: 0, delivered_seq: 3 }), 'sent');
  assert.equal(tick_of(item, { read_seq: 0, delivered_seq: 4 }), 'delivered');
  assert.equal(tick_of(item, { read_seq: 4, delivered_seq: 4 }), 'read');
});
