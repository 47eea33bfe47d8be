import assert from 'node:assert/strict';
import test from 'node:test';
import * as boxes from '../../web/inbox.js';

const message = (cid, no, sender = 'bob', more = {}) => ({ cid, no, seq: no, id: `${cid}-${no}`, sender, text: 'x', ts: `2026-01-01T10:${String(no).padStart(2, '0')}:00.000Z`, ...more });
const shown = (cid, more = {}) => ({ cid, kind: 'direct', last_seq: 0, members: 2, role: 'member', read_seq: 0, unread: 0, created_at: '2026-01-01T09:00:00.000Z', ...more });
const box = () => boxes.new_inbox('me');

test('unread comes from the list and grows with messages of others', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c', { last_message: message('c', 7), unread: 2 }));
  assert.equal(boxes.unread_of(kept), 2);
  boxes.note_message(inbox, message('c', 8));
  boxes.note_message(inbox, message('c', 8));
  assert.equal(boxes.unread_of(kept), 3);
});

test('messages pushed again change no count, whether they come before or after the list', () => {
  for (const list_first of [true, false]) {
    const inbox = box();
    const listed = shown('c', { last_message: message('c', 7), unread: 2 });
    boxes.keep_conversation(inbox, list_first ? listed : shown('c'));
    for (let no = 3; no <= 7; no += 1) boxes.note_message(inbox, message('c', no));
    boxes.keep_conversation(inbox, listed);
    assert.equal(boxes.unread_of(inbox.conversations.get('c')), 2);
  }
});

test('to send is to read', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c', { last_message: message('c', 7), unread: 2 }));
  boxes.note_message(inbox, message('c', 8, 'me'));
  assert.equal(boxes.unread_of(kept), 0);
});

test('reading to the end clears the count and is news once', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c', { last_message: message('c', 7), unread: 7 }));
  assert.equal(boxes.mark_read(inbox, 'c', 7), true);
  assert.equal(boxes.mark_read(inbox, 'c', 7), false);
  assert.equal(boxes.unread_of(kept), 0);
  assert.equal(boxes.mark_read(inbox, 'unknown', 7), false);
});

test('reading a part leaves the rest to the server to count', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c', { last_message: message('c', 7), unread: 7 }));
  boxes.mark_read(inbox, 'c', 5);
  assert.equal(boxes.unread_of(kept), 7);
  boxes.note_unread(inbox, { cid: 'c', unread: 2 });
  assert.equal(boxes.unread_of(kept), 2);
});

test('another device read: the count falls; an older word does not raise it again', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c', { last_message: message('c', 7), unread: 4 }));
  boxes.note_unread(inbox, { cid: 'c', read_seq: 7, unread: 0 });
  boxes.note_unread(inbox, { cid: 'c', unread: 3 });
  boxes.note_unread(inbox, { cid: 'gone', unread: 3 });
  assert.equal(boxes.unread_of(kept), 0);
});

test('the latest activity stands first', () => {
  const inbox = box();
  for (const cid of ['a', 'b', 'c']) boxes.keep_conversation(inbox, shown(cid));
  boxes.note_message(inbox, message('b', 1));
  assert.deepEqual(boxes.ordered(inbox).map(({ cid }) => cid), ['b', 'a', 'c']);
  boxes.note_message(inbox, message('a', 2));
  assert.deepEqual(boxes.ordered(inbox).map(({ cid }) => cid), ['a', 'b', 'c']);
});

test('the last message is the one with the highest seq', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c'));
  boxes.note_message(inbox, message('c', 5));
  boxes.note_message(inbox, message('c', 3));
  assert.equal(kept.last.no, 5);
});

test('a direct conversation is called by the other person, by name when it is known', () => {
  const inbox = box();
  const kept = boxes.keep_conversation(inbox, shown('c'));
  assert.equal(boxes.title_of(inbox, kept), '…');
  boxes.note_message(inbox, message('c', 1));
  assert.equal(boxes.title_of(inbox, kept), 'bob');
  assert.deepEqual(boxes.unnamed(inbox), ['bob']);
  inbox.names.set('bob', 'Bob B.');
  assert.equal(boxes.title_of(inbox, kept), 'Bob B.');
  assert.equal(boxes.find_direct(inbox, 'bob'), kept);
  assert.equal(boxes.find_direct(inbox, 'eve'), undefined);
});

test('a group is called by its title', () => {
  const inbox = box();
  assert.equal(boxes.title_of(inbox, boxes.keep_conversation(inbox, shown('g', { kind: 'group', title: 'Crew' }))), 'Crew');
  assert.equal(boxes.title_of(inbox, boxes.keep_conversation(inbox, shown('h', { kind: 'group' }))), 'Group');
});

test('all unread messages are counted for the title of the window', () => {
  const inbox = box();
  boxes.keep_conversation(inbox, shown('a', { last_message: message('a', 3), unread: 2 }));
  boxes.keep_conversation(inbox, shown('b', { last_message: message('b', 3), unread: 3 }));
  assert.equal(boxes.total_unread(inbox), 5);
  assert.equal(boxes.note_message(inbox, message('unknown', 1)), false);
});
