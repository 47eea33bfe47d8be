import assert from 'node:assert/strict';
import test from 'node:test';
import { TypingOthers, TypingSelf, typing_line } from '../../web/typing.js';

function self() {
  const told = [];
  return { told, typing: new TypingSelf((event, key) => told.push(`${event} ${key}`)) };
}

test('who writes on says so every three seconds, not with every key', () => {
  const { told, typing } = self();
  for (let now = 0; now < 7_000; now += 100) typing.wrote('c', 'hello', now);
  assert.deepEqual(told, Array(3).fill('typing.start c'));
});

test('who pauses, empties the box or turns to another conversation has stopped', () => {
  const { told, typing } = self();
  typing.wrote('c', 'h', 0);
  typing.tick(4_900);
  assert.deepEqual(told.splice(0), ['typing.start c']);
  typing.tick(5_000);
  assert.deepEqual(told.splice(0), ['typing.stop c']);
  typing.wrote('c', 'he', 6_500);
  typing.wrote('c', '', 6_600);
  assert.deepEqual(told.splice(0), ['typing.start c', 'typing.stop c']);
  typing.wrote('c', 'he', 8_000);
  typing.wrote('d', 'x', 8_100);
  assert.deepEqual(told, ['typing.start c', 'typing.stop c', 'typing.start d']);
});

test('a start soon after a stop would be refused: it is told when it may be, if he still writes', () => {
  const { told, typing } = self();
  typing.wrote('c', 'h', 0);
  typing.wrote('c', '', 100);
  typing.wrote('c', 'n', 200);
  typing.tick(1_000);
  assert.deepEqual(told.splice(0), ['typing.start c', 'typing.stop c']);
  typing.tick(2_000);
  typing.tick(3_000);
  assert.deepEqual(told.splice(0), ['typing.start c']);
  typing.stop(3_100);
  assert.deepEqual(told.splice(0), ['typing.stop c']);
  typing.wrote('c', 'and', 3_200);
  typing.wrote('d', 'x', 3_300);
  assert.deepEqual(told.splice(0), ['typing.start d'], 'what was not told is not taken back');
  typing.wrote('c', 'and', 4_500);
  assert.deepEqual(told.splice(0), ['typing.stop d', 'typing.start c']);
});

test('a new connection knows nothing of the old one', () => {
  const { told, typing } = self();
  typing.wrote('c', 'h', 0);
  typing.clear();
  typing.tick(100);
  typing.wrote('c', 'he', 200);
  assert.deepEqual(told, ['typing.start c', 'typing.start c']);
});

test('others are known until they stop, or are forgotten where the end was lost', () => {
  const others = new TypingOthers();
  others.started('c', 'bob', 0);
  others.started('c', 'cyd', 4_000);
  others.started('d', 'bob', 0);
  assert.deepEqual(others.users('c'), ['bob', 'cyd']);
  assert.equal(others.forget(9_999), false);
  assert.equal(others.forget(10_000), true);
  assert.deepEqual([others.users('c'), others.users('d')], [['cyd'], []]);
  others.stopped('c', 'cyd');
  others.stopped('c', 'nobody');
  assert.deepEqual(others.users('c'), []);
});

test('one, two and more are named in a line', () => {
  assert.equal(typing_line([]), '');
  assert.equal(typing_line(['Bob']), 'Bob is typing…');
  assert.equal(typing_line(['Bob', 'Cyd']), 'Bob and Cyd are typing…');
  assert.equal(typing_line(['Bob', 'Cyd', 'Dan']), 'Several people are typing…');
});
