import assert from 'node:assert/strict';
import test from 'node:test';
import { tick_of } from '../../web/rows.js';
import { Session } from '../../web/session.js';

const stamp = '2026-01-01T10:00:00.000Z';
const refusal = (code) => Object.assign(new Error(code), { code });
const turn = () => new Promise((done) => setImmediate(done));
const crew = { cid: 'g', kind: 'group', title: 'Crew', members: 3, role: 'owner', rights: ['send'], last_seq: 0, read_seq: 0, unread: 0, created_at: stamp };
const members = [{ user: 'me', role: 'owner', read_seq: 5 }, { user: 'bob', role: 'admin', read_seq: 4 }, { user: 'cyd', role: 'member', read_seq: 2 }];

/** Of one group, which is open. */
async function world(answers = {}) {
  const asked = [];
  const noticed = [];
  const all = { 'conversation.list': { conversations: [crew] }, 'room.join': { users: [] }, 'message.history': { messages: [], head: 5 }, 'member.list': { members }, 'user.get': { users: [] }, ...answers };
  const session = new Session({
    me: 'me', changed: () => {}, noticed: (text) => noticed.push(text), new_client_id: () => 'x', now: () => stamp, later: () => {},
    ask: async (event, body) => {
      asked.push([event, body]);
      const answer = all[event];
      if (answer === undefined) throw refusal('forbidden');
      return typeof answer === 'function' ? answer(body) : answer;
    },
  });
  session.event('hello', { user: 'me', epoch: 'e' });
  await turn();
  session.show('g');
  await turn();
  return { session, all, noticed, of: (event) => asked.filter(([name]) => name === event).map(([, body]) => body), users: () => [...session.groups.roster('g').users.values()].map(({ user, role }) => `${user} ${role}`) };
}

test('who is in an open group is known, page after page', async () => {
  const pages = { undefined: { members: members.slice(0, 2), next: 'bob' }, bob: { members: members.slice(2) } };
  const { users, of, session } = await world({ 'member.list': ({ next }) => pages[next] });
  assert.deepEqual(users(), ['me owner', 'bob admin', 'cyd member']);
  assert.deepEqual(of('member.list').map(({ next }) => next), [undefined, 'bob']);
  assert.deepEqual(session.groups.others('g'), ['bob', 'cyd']);
});

test('of a group too large to list nobody says who has read', async () => {
  const { session, of } = await world({ 'member.list': { members, next: 'more' } });
  assert.equal(of('member.list').length, 4);
  assert.equal(session.groups.roster('g').more, true);
  assert.equal(session.groups.others('g'), undefined);
  assert.equal(session.reading.marks_of('g'), undefined);
});

test('the ticks of a group are those of the last of all', async () => {
  const { session } = await world();
  const tick = (seq) => tick_of({ state: 'sent', seq }, session.reading.marks_of('g'));
  assert.deepEqual([2, 3].map(tick), ['read', 'sent']);
  session.event('message.delivered', { cid: 'g', members: [{ user: 'cyd', delivered_seq: 4 }] });
  assert.deepEqual([2, 4, 5].map(tick), ['read', 'delivered', 'sent']);
  session.event('message.read', { cid: 'g', members: [{ user: 'cyd', read_seq: 4 }] });
  assert.equal(tick(4), 'read');
  for (const sender of ['bob', 'cyd']) session.event('message.new', { cid: 'g', id: sender, client_id: sender, seq: 6, no: 6, sender, text: 'x', ts: stamp });
  assert.equal(tick(6), 'read', 'who writes has read');
});

test('members come, go and change before the eyes', async () => {
  const { session, users } = await world();
  session.event('member.added', { cid: 'g', seq: 6, user: 'eve', role: 'member', actor: 'bob', ts: stamp });
  session.event('member.updated', { cid: 'g', seq: 7, user: 'cyd', role: 'moderator', actor: 'bob', ts: stamp });
  session.event('member.removed', { cid: 'g', seq: 8, user: 'bob', role: 'admin', actor: 'me', ts: stamp });
  assert.deepEqual(users(), ['me owner', 'cyd moderator', 'eve member']);
  assert.equal(session.reading.marks_of('g').read_seq, 2);
  session.event('member.updated', { cid: 'g', seq: 9, user: 'me', role: 'admin', actor: 'me', ts: stamp });
  assert.equal(session.conversation('g').role, 'admin');
});

test('the list of members tells the own role of today', async () => {
  const { session, all } = await world();
  all['member.list'] = { members: [{ user: 'me', role: 'member', read_seq: 0 }] };
  await session.groups.load('g');
  assert.equal(session.conversation('g').role, 'member');
});

test('members that can not be read leave a word of why', async () => {
  const { session } = await world({ 'member.list': undefined });
  assert.equal(session.groups.roster('g').problem, 'You may not do this here.');
  assert.equal(session.groups.others('g'), undefined);
});

test('a group is made with a key of its own, so that a repeated click makes one', async () => {
  const { session, of } = await world({ 'conversation.create': { ...crew, cid: 'n', title: 'New' } });
  assert.equal(await session.groups.create('New', ['bob']), 'n');
  assert.deepEqual(of('conversation.create'), [{ kind: 'group', title: 'New', members: ['bob'], client_id: 'x' }]);
  assert.equal(session.conversation('n').title, 'New');
});

test('a new name is there at once, and its line when the event comes', async () => {
  const { session, of } = await world({ 'conversation.update': { seq: 6 } });
  await session.groups.rename('g', 'Trail');
  assert.deepEqual(of('conversation.update'), [{ cid: 'g', title: 'Trail' }]);
  assert.equal(session.conversation('g').title, 'Trail');
  assert.deepEqual(session.thread('g').items, []);
  for (let i = 0; i < 2; i += 1) session.event('conversation.updated', { cid: 'g', seq: 6, title: 'Trail', actor: 'me', ts: stamp });
  assert.deepEqual(session.thread('g').items.map(({ what, title }) => [what, title]), [['titled', 'Trail']]);
  session.event('conversation.updated', { cid: 'g', seq: 7, custom: {}, actor: 'me', ts: stamp });
  assert.equal(session.thread('g').items.length, 1);
});

test('adding, removing and roles are asked for and read again; a refusal is the caller\'s', async () => {
  const { session, of, all } = await world({ 'member.add': { added: 1 }, 'member.remove': { seq: 7 }, 'member.update': { seq: 8 } });
  assert.equal(await session.groups.add('g', ['eve']), 1);
  await session.groups.remove('g', 'cyd');
  await session.groups.give_role('g', 'bob', 'member');
  assert.deepEqual([of('member.add'), of('member.remove'), of('member.update')], [[{ cid: 'g', users: ['eve'] }], [{ cid: 'g', user: 'cyd' }], [{ cid: 'g', user: 'bob', role: 'member' }]]);
  assert.equal(of('member.list').length, 4);
  all['member.add'] = undefined;
  await assert.rejects(session.groups.add('g', ['eve']), { code: 'forbidden' });
});

test('who leaves by himself is not told that he is gone, in whatever order he hears of it', async () => {
  for (const early of [true, false]) {
    const { session, noticed } = await world({ 'conversation.leave': () => { if (early) session.event('conversation.removed', { conversation: { cid: 'g' } }); return { seq: 9 }; } });
    await session.groups.leave('g');
    session.event('conversation.removed', { conversation: { cid: 'g' } });
    assert.equal(session.open, undefined);
    assert.deepEqual(noticed, []);
  }
});

test('a group one could not leave stays, and a removal later is said', async () => {
  const { session, noticed } = await world();
  await assert.rejects(session.groups.leave('g'), { code: 'forbidden' });
  session.event('conversation.removed', { conversation: { cid: 'g' } });
  assert.deepEqual(noticed, ['You are no longer in Crew.']);
});
