import assert from 'node:assert/strict';
import test from 'node:test';
import { PresenceBook, presence_line } from '../../web/presence.js';

const now = new Date('2026-01-05T15:00:00').getTime();
const at = (text) => new Date(text).toISOString();

test('each user is watched once, and again after a reconnect', () => {
  const book = new PresenceBook();
  assert.deepEqual(book.to_watch(['bob', undefined, 'cyd']), ['bob', 'cyd']);
  assert.deepEqual(book.to_watch(['bob', 'dan']), ['dan']);
  book.not_watched(['dan']);
  assert.deepEqual(book.to_watch(['dan']), ['dan']);
  book.note({ user: 'bob', status: 'busy' });
  assert.equal(book.status('bob'), 'busy');
  book.clear();
  assert.equal(book.status('bob'), undefined);
  assert.deepEqual(book.to_watch(['bob']), ['bob']);
});

test('no more are watched than the server allows', () => {
  const book = new PresenceBook();
  const users = Array.from({ length: 1_200 }, (_, n) => `u${n}`);
  assert.equal(book.to_watch(users).length, 1_000);
  assert.deepEqual(book.to_watch(['one more']), []);
});

test('a state is said in words', () => {
  assert.equal(presence_line(undefined, now), '');
  assert.equal(presence_line({ status: 'online' }, now), 'Online');
  assert.equal(presence_line({ status: 'busy' }, now), 'Do not disturb');
  assert.equal(presence_line({ status: 'offline' }, now), 'Offline');
  assert.equal(presence_line({ status: 'offline', last_seen: at('2026-01-05T14:05:00') }, now, 'en-GB'), 'Last seen 14:05');
  assert.equal(presence_line({ status: 'offline', last_seen: at('2026-01-04T14:05:00') }, now, 'en-GB'), 'Last seen yesterday at 14:05');
  assert.equal(presence_line({ status: 'offline', last_seen: at('2025-12-01T14:05:00') }, now, 'en-GB'), 'Last seen 1 December 2025 at 14:05');
});
