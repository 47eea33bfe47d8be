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
  typing.wrote('c', 'he', 6_000);
  typing.wrote('c', '', 6_100);
  assert.deepEqual(told.splice(0), ['typing.start c', 'typing.stop c']);
  typing.wrote('c', 'he', 7_000);
  typing.wrote('d', 'x', 7_100);
  assert.deepEqual(told, ['typing.start c', 'typing.stop c', 'typing.start d']);
});

test('a message that was sent says by itself that its writing is over', () => {
  const { told, typing } = self();
  typing.wrote('c', 'h', 0);
  typing.sent();
  typing.tick(60_000);
  assert.deepEqual(told, ['typing.start c']);
  typing.wrote('c', 'again', 60_000);
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
