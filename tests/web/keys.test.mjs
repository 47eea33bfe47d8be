import assert from 'node:assert/strict';
import test from 'node:test';
import { next_index } from '../../web/keys.js';

test('arrows move by one and stop at the ends', () => {
  assert.deepEqual(['ArrowDown', 'ArrowUp', 'Home', 'End'].map((key) => next_index(key, 1, 4)), [2, 0, 0, 3]);
  assert.equal(next_index('ArrowDown', 3, 4), 3);
  assert.equal(next_index('ArrowUp', 0, 4), 0);
  assert.equal(next_index('ArrowDown', -1, 4), 0);
});

test('a list that lies has the other arrows', () => {
  assert.equal(next_index('ArrowRight', 0, 2, { along: 'x' }), 1);
  assert.equal(next_index('ArrowDown', 0, 2, { along: 'x' }), undefined);
  assert.equal(next_index('ArrowRight', 0, 2), undefined);
});

test('other keys, and an empty list, move nothing', () => {
  for (const key of ['Enter', ' ', 'a', 'Tab', 'toString']) assert.equal(next_index(key, 0, 2), undefined);
  assert.equal(next_index('Home', -1, 0), undefined);
});
