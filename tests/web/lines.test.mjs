import assert from 'node:assert/strict';
import test from 'node:test';
import { line_text } from '../../web/lines.js';

const say = (what, more) => line_text({ what, ...more }, { name: (user) => user.toUpperCase(), me: 'me' });

test('who came and who went is said with who did it', () => {
  assert.equal(say('added', { user: 'bob', actor: 'ann' }), 'ANN added BOB');
  assert.equal(say('added', { user: 'me', actor: 'ann' }), 'ANN added you');
  assert.equal(say('added', { user: 'bob', actor: 'bob' }), 'BOB joined');
  assert.equal(say('removed', { user: 'bob', actor: 'me' }), 'You removed BOB');
  assert.equal(say('removed', { user: 'bob', actor: 'bob' }), 'BOB left');
  assert.equal(say('removed', { user: 'bob' }), 'BOB left');
});

test('a new role is said by name, one that nobody gave too', () => {
  assert.equal(say('updated', { user: 'bob', actor: 'ann', role: 'admin' }), 'ANN made BOB an admin');
  assert.equal(say('updated', { user: 'me', actor: 'ann', role: 'owner' }), 'ANN made you the owner');
  assert.equal(say('updated', { user: 'me', role: 'owner' }), 'You are now the owner');
  assert.equal(say('updated', { user: 'bob', actor: 'bob', role: 'member' }), 'BOB is now a member');
});

test('a new name of the group is said, and that it has none', () => {
  assert.equal(say('titled', { actor: 'me', title: 'Crew' }), 'You named the group “Crew”');
  assert.equal(say('titled', { actor: 'ann', title: '' }), 'ANN took the group’s name away');
  assert.equal(say('titled', { title: 'Crew' }), 'Somebody named the group “Crew”');
});
