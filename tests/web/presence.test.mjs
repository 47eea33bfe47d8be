import assert from 'node:assert/strict';
import test from 'node:test';
import { PresenceBook, presence_line } from '../../web/presence.js';

const now = new Date('2026-01-05T15:00:00').getTime();
const at = (text) => new Date(text).toISOString();

test('who is in the answer is watched and shown, until the connection ends', () => {
  const book = new PresenceBook();
  assert.deepEqual(book.to_watch(['bob', 'dan']), ['bob', 'dan']);
  book.answered(['bob', 'dan'], [{ user: 'bob', status: 'busy' }]);
  assert.deepEqual(book.watched, ['bob']);
  assert.equal(book.status('bob'), 'busy');
  book.clear();
  assert.equal(book.status('bob'), undefined);
  assert.equal(book.watches('bob'), false);
});

test('who is in an answer no more is forgotten, and so is what still comes of him', () => {
  const book = new PresenceBook();
  book.to_watch(['bob', 'cyd']);
  book.answered(['bob', 'cyd'], [{ user: 'bob', status: 'online' }, { user: 'cyd', status: 'away' }]);
  book.answered(book.to_watch(['bob']), []);
  book.note({ user: 'bob', status: 'online' });
  assert.equal(book.get('bob'), undefined);
  assert.equal(book.status('cyd'), 'away', 'he was not asked for');
});

test('no more are watched than the server allows', () => {
  const book = new PresenceBook();
  const users = Array.from({ length: 1_200 }, (_, n) => `u${n}`);
  assert.equal(book.to_watch(users).length, 1_000);
  assert.deepEqual(book.to_watch(['one more', 'u7']), ['u7'], 'who is watched may be asked for again');
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
