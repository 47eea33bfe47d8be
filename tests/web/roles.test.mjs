import assert from 'node:assert/strict';
import test from 'node:test';
import { by_rank, may_add, may_remove, may_rename, role_phrase, role_words, roles, roles_to_give } from '../../web/roles.js';

const pairs = (rule) => roles.map((mine) => roles.filter((theirs) => rule(mine, theirs)));

test('owner and admin add people and change the name, others do not', () => {
  for (const rule of [may_add, may_rename]) assert.deepEqual(roles.map(rule), [false, false, true, true]);
  assert.equal(may_add(undefined), false);
});

test('whom one removes is of a lower role, and one is a moderator at least', () => {
  assert.deepEqual(pairs(may_remove), [[], ['member'], ['member', 'moderator'], ['member', 'moderator', 'admin']]);
});

test('the owner gives every role, an admin the two lowest to those that have them, others none', () => {
  assert.deepEqual(roles_to_give('owner', 'admin'), ['member', 'moderator', 'admin', 'owner']);
  assert.deepEqual(roles_to_give('admin', 'moderator'), ['member', 'moderator']);
  for (const theirs of ['admin', 'owner']) assert.deepEqual(roles_to_give('admin', theirs), []);
  for (const mine of ['moderator', 'member', undefined]) assert.deepEqual(roles_to_give(mine, 'member'), []);
});

test('what may be given contains what is there, so that a choice can show it', () => {
  for (const mine of roles) for (const theirs of roles) {
    const given = roles_to_give(mine, theirs);
    assert.ok(!given.length || given.includes(theirs), `${mine} ${theirs}`);
  }
});

test('members stand by role, then by name', () => {
  const members = [['dora', 'member'], ['bob', 'admin'], ['eve', 'owner'], ['cyd', 'admin'], ['x', 'unheard of']].map(([user, role]) => ({ user, role }));
  assert.deepEqual(by_rank(members, (user) => user).map(({ user }) => user), ['eve', 'bob', 'cyd', 'dora', 'x']);
});

test('every role has a word and a phrase, also one this page does not know', () => {
  for (const role of roles) { assert.ok(role_words[role]); assert.notEqual(role_phrase(role), role); }
  assert.equal(role_phrase('guest'), 'guest');
});
