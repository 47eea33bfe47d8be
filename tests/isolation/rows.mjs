// A row for each command and each route: how it is asked for what is another's, and what is answered then. A command or a route without
// a row fails the suite. `outside` is asked by who was never in (a stranger of the same application, one of another application),
// `former` by who was removed.
import assert from 'node:assert/strict';

/** Asks one thing after another: `form` says which things (see things.mjs), `make` the arguments, `expect` a code, the data, or a check of it. */
const ask = (form) => (make, expect, more = {}) => ({ form, make, expect, ...more });
const by_cid = ask('cid');
const by_external = ask('external');
const by_user = ask('user');
const by_new_user = ask('newcomer');   // somebody whom a stranger may write to
const by_free_external = ask('free');  // names that are free where they are asked
const by_room = ask('room');
const by_token = ask('token');
const by_page = ask('page');

/** The same for each way to name a conversation. */
const named = (rest, expect) => [
  by_cid((cid) => ({ cid, ...rest }), expect), by_external((external_id) => ({ external_id, ...rest }), expect), by_user((to) => ({ to, ...rest }), expect)];
/** Groups only: `to` names none, and is answered as it is for nobody. */
const gone = (rest, expect = 'not_member') => [by_cid((cid) => ({ cid, ...rest }), expect), by_external((external_id) => ({ external_id, ...rest }), expect)];

const own_only = (data, world) => {
  const theirs = [world.crew.cid, world.direct.cid];
  for (const { cid } of data.conversations) assert.ok(!theirs.includes(cid), `${cid} is listed`);
};
/** Of what was asked for, nothing; of the others, those that are his own. */
const synced = (data, world, asked) => {
  const theirs = [world.crew.cid, world.direct.cid, world.owners.ann.user_cid];
  assert.ok(data.conversations.some(({ cid }) => cid === asked));
  for (const one of data.conversations) {
    if (one.cid === asked) assert.deepEqual(one, { cid: asked, status: 'reset', events: [] });
    else assert.ok(!theirs.includes(one.cid), `${one.cid} is told`);
  }
};
/** Of what he was in: the events up to his removal. */
const synced_until_removal = (status) => (data, world) => {
  const { events, ...rest } = data.conversations.find(({ cid }) => cid === world.crew.cid);
  assert.deepEqual(rest, { cid: world.crew.cid, status });
  assert.deepEqual(events.map(({ data: { seq } }) => seq), Array.from({ length: world.removal.seq }, (_, i) => i + 1));
  const { event, data: last } = events.at(-1);
  assert.deepEqual([event, last.user], ['member.removed', 'eve']);
};
const until_removal = (data, world) => {
  assert.ok(data.messages.length > 0 && data.messages.every(({ seq }) => seq < world.removal.seq), 'he reads what he saw, and no more');
  assert.ok(data.head <= world.removal.seq, 'he learns no head beyond it');
};
const as_it_was = (data, world) => {
  assert.ok(data.last_seq <= world.removal.seq && (data.last_message?.seq ?? 0) < world.removal.seq, 'he sees no later event');
  assert.notEqual(data.title, 'Crew without her');
  assert.notEqual(data.custom?.port, 8);
  assert.equal(data.members, undefined);
};

const made = (data) => { assert.equal(data.duplicate ?? false, false); };
const users_empty = { users: [] };
const read = (name) => ({
  outside: [by_cid((cid) => ({ cursors: [{ cid, seq: 1 }] }), 'not_found'), by_cid((cid, world) => ({ cursors: [{ cid: world.sams.cid, seq: 0 }, { cid, seq: 2 ** 40 }] }), 'not_found', { who: ['sam'] })],
  former: [by_cid((cid) => ({ cursors: [{ cid, seq: 3 }] }), name)],
});

export const commands = {
  'message.send': {
    outside: [
      by_cid((cid) => ({ cid, text: 'let me in' }), 'not_found'), by_external((external_id) => ({ external_id, text: 'let me in' }), 'not_found'),
      by_cid((cid) => ({ cid, text: 'secret 1', client_id: 'ann-1' }), 'not_found'), by_cid((cid) => ({ cid, text: 'x', reply_to: 1, mentions: ['ann'], silent: true }), 'not_found'),
      by_new_user((to) => ({ to, text: 'hello' }), made)],
    former: [...gone({ text: 'let me back' }), ...gone({ text: 'secret 1', client_id: 'ann-1' })],
  },
  'message.history': {
    outside: [...named({}, 'not_found'), ...named({ after: 0 }, 'not_found'), ...named({ around: 2 }, 'not_found'), ...named({ before: 2 ** 50 }, 'not_found')],
    former: [...gone({}, until_removal), ...gone({ after: 0 }, until_removal), ...gone({ around: 3 }, until_removal),
      ...gone({ after: 2 ** 40 }, (data, world) => { assert.deepEqual(data.messages, []); assert.ok(data.head <= world.removal.seq); })],
  },
  sync: {
    outside: [
      ...[0, 1, 2 ** 40].map((seq) => by_cid((cid) => ({ cursors: [{ cid, seq }] }), synced)),
      by_cid((cid) => ({ cursors: [{ cid, seq: 1 }], epoch: 'of old' }), synced), by_page((next) => ({ next }), own_only)],
    former: [by_cid((cid) => ({ cursors: [{ cid, seq: 0 }] }), synced_until_removal('complete')), by_cid((cid) => ({ cursors: [{ cid, seq: 2 ** 40 }] }), synced_until_removal('reset'))],
  },
  'conversation.create': {
    outside: [
      by_free_external((external_id) => ({ external_id, members: [] }), made),
      by_cid((cid) => ({ client_id: 'made-once', cid, title: 'Mine' }), (data, world) => assert.notEqual(data.cid, world.crew.cid), { who: ['blue_ann'] })],
    former: [by_external((external_id) => ({ external_id }), (data, world) => { as_it_was(data, world); assert.equal(data.role, undefined); })],
  },
  'conversation.get': { outside: named({}, 'not_found'), former: gone({}, as_it_was) },
  'conversation.list': {
    outside: [by_page((next) => ({ next }), own_only), by_cid((cid) => ({ cid, limit: 100 }), own_only), by_user((user) => ({ user, limit: 100 }), own_only)],
    former: [by_cid((cid) => ({ cid }), own_only)],
  },
  'conversation.update': { outside: [...named({ title: 'Mine' }, 'not_found'), ...named({ custom: { mine: true } }, 'not_found')], former: gone({ title: 'Mine' }) },
  'conversation.leave': { outside: named({}, 'not_found'), former: gone({}) },
  'member.add': { outside: [...named({ users: ['sam'] }, 'not_found'), ...named({ users: ['zoe'], role: 'admin' }, 'not_found')], former: gone({ users: ['eve'] }) },
  'member.remove': { outside: [...named({ user: 'bob' }, 'not_found'), ...named({ user: 'sam' }, 'not_found')], former: [...gone({ user: 'bob' }), ...gone({ user: 'eve' })] },
  'member.update': { outside: [...named({ user: 'bob', role: 'admin' }, 'not_found'), ...named({ user: 'sam', role: 'owner' }, 'not_found')], former: [...gone({ user: 'bob', role: 'admin' }), ...gone({ user: 'eve', role: 'owner' })] },
  'member.list': { outside: [...named({}, 'not_found'), ...named({ limit: 1, next: 'ann' }, 'not_found')], former: gone({}) },
  'receipt.read': read('not_member'),
  'receipt.delivered': read('not_found'),
  'user.get': { outside: [by_user((user) => ({ users: [user] }), users_empty)], former: [by_user((user) => ({ users: [user] }), users_empty)] },
  'typing.start': { outside: named({}, 'not_found'), former: gone({}) },
  'typing.stop': { outside: named({}, 'not_found'), former: gone({}) },
  'presence.subscribe': { outside: [by_user((user) => ({ users: [user] }), users_empty)], former: [by_user((user) => ({ users: [user] }), users_empty)] },
  'presence.unsubscribe': { outside: [by_user((user) => ({ users: [user] }), {})], former: [] },
  'presence.get': { outside: [by_user((user) => ({ users: [user] }), users_empty)], former: [by_user((user) => ({ users: [user] }), users_empty)] },
  'presence.set': { outside: [by_user((user) => ({ status: 'busy', user, users: [user], to: user }), { status: 'busy' })], former: [] },
  // Rooms are open to all of an application and to nobody else.
  'room.join': { outside: [by_room((room) => ({ room }), ({ users }) => assert.deepEqual(users, ['ann']), { who: ['blue_ann'] })], former: [] },
  'room.send': { outside: [by_room((room) => ({ room, data: 'boo' }), {}, { who: ['blue_ann'] }), by_room((room) => ({ room, data: 'boo', to: 'bob', echo: true }), {}, { who: ['blue_ann'] }), by_room((room) => ({ room, data: 'boo' }), 'not_member', { who: ['sam'] })], former: [by_room((room) => ({ room, data: 'boo' }), 'not_member')] },
  'room.leave': { outside: [by_room((room) => ({ room }), {}, { who: ['blue_ann'] }), by_room((room) => ({ room }), 'not_member', { who: ['sam'] })], former: [by_room((room) => ({ room }), 'not_member')] },
  'auth.refresh': { outside: [by_token((token) => ({ token }), 'forbidden')], former: [] },
  time: { outside: [by_cid((cid) => ({ cid }), ({ server_time }) => assert.ok(server_time))], former: [] },
};

const seen_by = (user, app) => ({ user, app });
const json = (body) => ({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const route = (form) => (make, expect, more = {}) => ({ form, make: typeof make === 'function' ? make : () => make, expect, ...more });
const at_conversation = (make, expect = seen_by(404, [400, 404]), more = {}) => route('conversation')(make, expect, more);
const at_user = (make, expect, more = {}) => route('user')(make, expect, more);

const gone_too = (make, former) => ({ outside: [at_conversation(make)], former: [at_conversation(make, former)] });
const later_is_hidden = (data, world) => as_it_was(data, world);

/** `outside` by strangers and by other applications, `user` in a user's name and `app` as the application itself; `former` likewise in a removed member's name. */
export const routes = {
  'GET /v1/limits': { outside: [at_conversation({}, seen_by(200, 200))], former: [] },
  'GET /v1/openapi.json': { outside: [at_conversation({}, seen_by(200, 200))], former: [] },
  'POST /v1/conversations': { outside: [route('free')((external_id) => json({ external_id, title: 'Mine' }), seen_by(201, 400))], former: [] },
  'GET /v1/conversations/*': gone_too({}, { user: later_is_hidden }),
  'PATCH /v1/conversations/*': gone_too(json({ title: 'Mine' }), { user: 403 }),
  'GET /v1/conversations/*/messages': { outside: [at_conversation({}, seen_by(404, [400, 404])), at_conversation({ query: '?after=0' }, seen_by(404, [400, 404]))], former: [at_conversation({}, { user: until_removal })] },
  'POST /v1/conversations/*/messages': { outside: [at_conversation(json({ text: 'let me in' }), seen_by(404, [400, 404]), { ways: ['cid', 'external'] }), at_conversation({ ...json({ text: 'secret 1' }), key: 'ann-1' }, seen_by(404, [400, 404]), { ways: ['cid', 'external'] })], former: [at_conversation(json({ text: 'let me back' }), { user: 403 })] },
  // To another application a group that is not there is one without members, by whichever cid.
  'GET /v1/conversations/*/members': { outside: [at_conversation({}, seen_by(404, [200, 404]))], former: [at_conversation({}, { user: 403 })] },
  'POST /v1/conversations/*/members': gone_too(json({ users: ['eve', 'sam'] }), { user: 403 }),
  'PATCH /v1/conversations/*/members': gone_too(json({ user: 'bob', role: 'admin' }), { user: 403 }),
  'DELETE /v1/conversations/*/members': { outside: [at_conversation({ query: '?user=bob' }), at_conversation(json({ user: 'bob' }))], former: [at_conversation({ query: '?user=bob' }, { user: 403 }), at_conversation({ query: '?user=eve' }, { user: 403 })] },
  'POST /v1/conversations/*/read': { outside: [at_conversation(json({ seq: 2 }))], former: [at_conversation(json({ seq: 2 }), { user: 403 })] },
  'GET /v1/users/*/conversations': { outside: [at_user({}, seen_by(403, 200))], former: [at_user({}, { user: 403 })] },
  'POST /v1/users/*/tokens': { outside: [at_user(json({ ttl_s: 60 }), seen_by(403, 201))], former: [] },
  'DELETE /v1/users/*/sessions': { outside: [at_user({}, seen_by(403, [200, 204]))], former: [] },
  'GET /v1/presence': { outside: [route('query_user')((user) => ({ query: `?user=${user}` }), seen_by(users_empty, 400))], former: [route('query_user')((user) => ({ query: `?user=${user}` }), { user: users_empty })] },
};
