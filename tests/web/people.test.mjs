// Whom the page watches, as people come into shared conversations and go: the server stops showing somebody without a word.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Session } from '../../web/session.js';

const stamp = '2026-01-01T10:00:00.000Z';
const turn = () => new Promise((done) => setImmediate(done));
const refusal = (code) => Object.assign(new Error(code), { code });
const group = (cid) => ({ cid, kind: 'group', title: cid, members: 3, role: 'owner', rights: ['send'], last_seq: 0, read_seq: 0, unread: 0, created_at: stamp });
const direct = (cid, user) => ({ ...group(cid), kind: 'direct', users: ['me', user], members: 2, role: 'member' });
const state = (user, status = 'online') => ({ user, status });

/** Of a direct conversation with bob and the groups g and h; g, with bob, cyd and dan, is open. `sees`: whom the server shows. */
async function world() {
  const asked = [];
  const sees = new Set(['bob', 'cyd', 'dan']);
  const all = {
    'conversation.list': { conversations: [direct('d', 'bob'), group('g'), group('h')] }, 'room.join': { users: [] }, 'message.history': { messages: [], head: 0 }, 'user.get': { users: [] },
    'member.list': { members: ['me', 'bob', 'cyd', 'dan'].map((user) => ({ user, role: 'member', read_seq: 0 })) },
    'presence.subscribe': ({ users }) => ({ users: users.filter((user) => sees.has(user)).map((user) => state(user)) }),
  };
  const session = new Session({
    me: 'me', changed: () => {}, new_client_id: () => 'x', now: () => stamp, later: () => {},
    ask: async (event, body) => {
      if (event === 'presence.subscribe') asked.push(body.users);
      if (!all[event]) throw refusal('forbidden');
      return typeof all[event] === 'function' ? all[event](body) : all[event];
    },
  });
  const settle = async () => { for (let i = 0; i < 3; i += 1) await turn(); };
  const hello = async () => { session.event('hello', { user: 'me', epoch: 'e', features: ['presence'] }); await settle(); };
  await hello();
  session.show('g');
  await settle();
  asked.length = 0;
  let seq = 0;
  const member = async (what, cid, user) => { session.event(`member.${what}`, { cid, seq: ++seq, user, role: 'member', actor: 'me', ts: stamp }); await settle(); };
  return { session, all, sees, asked, hello, settle, member, removed: (cid) => session.event('conversation.removed', { cid: 'c_me', seq: ++seq, conversation: { cid } }), status: (user) => session.people.presence.status(user) };
}

test('whoever is removed and shares nothing more is forgotten, and watched again once he is back', async () => {
  const { sees, asked, member, status, session } = await world();
  sees.delete('cyd');
  await member('removed', 'g', 'cyd');
  assert.deepEqual(asked, [['cyd']]);
  assert.equal(status('cyd'), undefined);
  session.event('presence.changed', state('cyd', 'away'));
  assert.equal(status('cyd'), undefined, 'what was under way is dropped');
  sees.add('cyd');
  await member('added', 'g', 'cyd');
  assert.deepEqual(asked, [['cyd'], ['cyd']]);
  assert.equal(status('cyd'), 'online');
  session.event('presence.changed', state('cyd', 'away'));
  assert.equal(status('cyd'), 'away');
});

test('whoever is removed from one conversation of several stays as he is', async () => {
  const { asked, member, status } = await world();
  await member('removed', 'g', 'bob');
  assert.deepEqual(asked, [['bob']]);
  assert.equal(status('bob'), 'online');
});

test('a removal counts also where the members were not read, or the conversation is not in the list', async () => {
  for (const cid of ['h', 'elsewhere']) {
    const { sees, member, status } = await world();
    sees.delete('cyd');
    await member('removed', cid, 'cyd');
    assert.equal(status('cyd'), undefined, cid);
  }
});

test('of somebody who was not watched nothing is asked when he is removed', async () => {
  const { asked, member } = await world();
  await member('removed', 'g', 'eve');
  assert.deepEqual(asked, []);
});

test('after the own removal all are asked for again, and those are forgotten who are not shown', async () => {
  const { sees, asked, removed, settle, status } = await world();
  for (const user of ['cyd', 'dan']) sees.delete(user);
  removed('g');
  await settle();
  assert.deepEqual(asked, [['bob', 'cyd', 'dan']]);
  assert.deepEqual(['bob', 'cyd', 'dan'].map(status), ['online', undefined, undefined]);
});

test('who leaves by himself watches nobody there any more', async () => {
  const { session, all, sees, settle, status } = await world();
  all['conversation.leave'] = () => { sees.delete('cyd'); return { seq: 9 }; };
  await session.groups.leave('g');
  await settle();
  assert.deepEqual(['bob', 'cyd'].map(status), ['online', undefined]);
});

test('events that were not sent may have been removals', async () => {
  const { session, sees, settle, status } = await world();
  sees.delete('cyd');
  session.event('conversation.gap', { cid: 'g', from: 1, to: 900 });
  await settle();
  assert.deepEqual(['bob', 'cyd'].map(status), ['online', undefined]);
});

test('many removals at once are one question more, asked after the first is answered', async () => {
  const { asked, removed, settle } = await world();
  for (let n = 0; n < 50; n += 1) removed(`gone${n}`);
  await settle();
  assert.equal(asked.length, 2);
});

test('whoever is back before the answer to his removal came is asked for once more', async () => {
  const { all, asked, member, settle, status } = await world();
  const usual = all['presence.subscribe'];
  let answer;
  all['presence.subscribe'] = () => new Promise((done) => { answer = done; });
  await member('removed', 'g', 'cyd');
  all['presence.subscribe'] = usual;
  await member('added', 'g', 'cyd');
  assert.deepEqual(asked, [['cyd']], 'one question at a time');
  answer({ users: [] });
  await settle();
  assert.deepEqual(asked, [['cyd'], ['cyd']]);
  assert.equal(status('cyd'), 'online');
});

test('a question that could not be put leaves no old status behind, and he is asked for at the next occasion', async () => {
  const { session, all, member, settle, status } = await world();
  const usual = all['presence.subscribe'];
  all['presence.subscribe'] = undefined;
  await member('removed', 'g', 'bob');
  assert.equal(status('bob'), undefined);
  all['presence.subscribe'] = usual;
  session.show('g');
  await settle();
  assert.equal(status('bob'), 'online');
});

test('an answer to a connection that has ended counts for nothing, and holds nothing up', async () => {
  const { session, all, hello, member, settle, status } = await world();
  const usual = all['presence.subscribe'];
  let answer;
  all['presence.subscribe'] = () => new Promise((done) => { answer = done; });
  await member('removed', 'g', 'bob');
  session.disconnected();
  all['presence.subscribe'] = usual;
  await hello();
  assert.equal(status('bob'), 'online');
  answer({ users: [] });
  await settle();
  assert.equal(status('bob'), 'online');
});

test('what one is out of is not listed again by an answer that tells what it was', async () => {
  const { session, all, removed, settle } = await world();
  all['conversation.get'] = { cid: 'g', kind: 'group', last_seq: 9, read_seq: 0, unread: 3, created_at: stamp };   // as a former member sees it
  removed('g');
  session.event('message.new', { cid: 'g', id: 'm', seq: 8, no: 8, sender: 'bob', text: 'late', ts: stamp });
  await settle();
  assert.equal(session.conversation('g'), undefined);
});
