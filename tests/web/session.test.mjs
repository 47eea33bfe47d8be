import assert from 'node:assert/strict';
import test from 'node:test';
import { unread_of, find_direct } from '../../web/inbox.js';
import { Session } from '../../web/session.js';

const stamp = '2026-01-01T10:00:00.000Z';
const direct = (cid, more = {}) => ({ cid, kind: 'direct', last_seq: 0, members: 2, role: 'member', read_seq: 0, unread: 0, created_at: stamp, ...more });
const message = (cid, seq, more = {}) => ({ cid, seq, no: seq, id: `${cid}:${seq}`, client_id: `k${seq}`, sender: 'bob', type: 'text', text: `t${seq}`, ts: stamp, ...more });
const refusal = (code) => Object.assign(new Error(code), { code });
const turn = () => new Promise((done) => setImmediate(done));

/** A pretend server: `answers[event]` is data or a function of the body. */
function world(answers = {}, options = {}) {
  const asked = [];
  const timers = [];
  const heard = [];
  const all = {
    'room.join': { users: ['me', 'bob'] }, 'conversation.list': { conversations: [] }, 'message.history': { messages: [], head: 0 },
    'member.list': { members: [{ user: 'me', read_seq: 0 }, { user: 'bob', read_seq: 0 }] }, 'user.get': ({ users }) => ({ users: users.map((id) => ({ id, name: id.toUpperCase() })) }),
    'receipt.read': {}, ...answers,
  };
  let ids = 0;
  const session = new Session({
    me: 'me', changed: () => {}, heard: (body) => heard.push(body.id), new_client_id: () => `x${++ids}`, now: () => stamp, later: (ms, then) => timers.push(then),
    ask: async (event, body) => {
      asked.push([event, body]);
      const answer = all[event];
      if (answer === undefined) throw refusal('not_found');
      return typeof answer === 'function' ? answer(body) : answer;
    },
    ...options,
  });
  const of = (event) => asked.filter(([name]) => name === event).map(([, body]) => body);
  return { session, asked, of, timers, heard, all, hello: async () => { session.event('hello', { user: 'me', epoch: 'e' }); await turn(); await turn(); } };
}

test('after hello the lobby is entered and the list is read', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c', { last_message: message('c', 3), unread: 2 })] } });
  await hello();
  assert.deepEqual([...session.inbox.here], ['me', 'bob']);
  assert.equal(session.list.state, 'ready');
  assert.equal(unread_of(session.conversation('c')), 2);
  assert.equal(session.inbox.names.get('bob'), 'BOB');
});

test('people come and go in the lobby only', async () => {
  const { session, hello } = world();
  await hello();
  session.event('room.joined', { room: 'lobby', user: 'eve' });
  session.event('room.joined', { room: 'other', user: 'dan' });
  session.event('room.left', { room: 'lobby', user: 'bob' });
  assert.deepEqual([...session.inbox.here], ['me', 'eve']);
});

test('whom one talks to is watched, also after a reconnect, and shown as the server says', async () => {
  const bob = { user: 'bob', status: 'away' };
  const { session, of } = world({ 'conversation.list': { conversations: [direct('c', { users: ['bob', 'me'] }), direct('d', { users: ['dan', 'me'] })] }, 'presence.subscribe': { users: [bob] }, 'presence.set': {} });
  const hello = async () => { session.event('hello', { user: 'me', epoch: 'e', features: ['presence'] }); await turn(); await turn(); };
  await hello();
  assert.deepEqual(of('presence.subscribe'), [{ users: ['bob', 'dan'] }]);
  assert.equal(session.presence.status('bob'), 'away');
  session.event('presence.changed', { user: 'bob', status: 'online' });
  assert.equal(session.presence.status('bob'), 'online');
  await session.choose('busy');
  session.disconnected();
  assert.equal(session.presence.status('bob'), undefined);
  await hello();
  assert.deepEqual(of('presence.set'), [{ status: 'busy' }, { status: 'busy' }]);
  assert.deepEqual(of('presence.subscribe').at(-1), { users: ['bob', 'dan'] });
});

test('writing is told of conversations that are there, where the server has it', async () => {
  const { session, of } = world({ 'conversation.list': { conversations: [direct('c', { users: ['bob', 'me'] })] }, 'typing.start': {} }, { clock: () => 1 });
  session.event('hello', { user: 'me', epoch: 'e', features: [] });
  await turn();
  session.show('c');
  session.wrote('h');
  session.event('hello', { user: 'me', epoch: 'e', features: ['typing'] });
  session.show('to:dan');
  session.wrote('h');
  assert.deepEqual(of('typing.start'), []);
  session.show('c');
  session.wrote('h');
  assert.deepEqual(of('typing.start'), [{ cid: 'c' }]);
  session.event('typing.start', { cid: 'c', user: 'bob' });
  assert.deepEqual(session.typing_names('c'), ['BOB']);
  session.event('message.new', message('c', 1));
  assert.deepEqual(session.typing_names('c'), []);
});

test('the other person of a direct conversation without messages is found among its members', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  assert.equal(session.conversation('c').peer, 'bob');
  assert.equal(find_direct(session.inbox, 'bob').cid, 'c');
});

test('the first message to someone makes the conversation, and the thread begun becomes it', async () => {
  const { session, hello, of } = world({ 'message.send': { id: 'm1', cid: 'c', seq: 1, no: 1, ts: stamp, duplicate: false }, 'conversation.get': direct('c', { last_seq: 1 }) });
  await hello();
  session.show(session.key_of_user('bob'));
  assert.equal(session.open, 'to:bob');
  session.send('hello');
  assert.equal(session.thread('to:bob').items[0].state, 'pending');
  await turn();
  await turn();
  assert.deepEqual(of('message.send'), [{ to: 'bob', client_id: 'x1', text: 'hello' }]);
  assert.equal(session.open, 'c');
  assert.equal(session.peer, 'bob');
  assert.deepEqual(session.thread('c').items.map(({ text, state, seq }) => [text, state, seq]), [['hello', 'sent', 1]]);
  assert.equal(session.threads.has('to:bob'), false);
});

test('a message of an unknown conversation brings the conversation', async () => {
  const { session, hello, heard } = world({ 'conversation.get': direct('c', { last_message: message('c', 1), unread: 1 }) });
  await hello();
  session.event('message.new', message('c', 1));
  session.event('message.new', message('c', 1));
  await turn();
  await turn();
  assert.equal(unread_of(session.conversation('c')), 1);
  assert.equal(session.conversation('c').peer, 'bob');
  assert.deepEqual(heard, ['c:1']);
});

test('a message that comes twice is shown and announced once', async () => {
  const { session, hello, heard } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  for (const seq of [1, 2, 1, 2]) session.event('message.new', message('c', seq));
  assert.equal(session.thread('c').items.length, 2);
  assert.deepEqual(heard, ['c:1', 'c:2']);
});

test('what is seen is told to the server once, a moment later', async () => {
  const { session, hello, of, timers } = world({ 'conversation.list': { conversations: [direct('c', { last_message: message('c', 2), unread: 2, last_seq: 2 })] }, 'message.history': { messages: [message('c', 1), message('c', 2)], head: 2 } });
  await hello();
  session.show('c');
  assert.equal(session.new_after, 0);
  await turn();
  session.seen();
  session.seen();
  assert.equal(unread_of(session.conversation('c')), 0);
  timers.splice(0).forEach((then) => then());
  assert.deepEqual(of('receipt.read'), [{ cursors: [{ cid: 'c', seq: 2 }] }]);
});

test('a receipt that could not be sent is sent after the reconnect', async () => {
  const { session, hello, of, timers, all } = world({ 'conversation.list': { conversations: [direct('c')] }, 'receipt.read': () => { throw refusal('offline'); } });
  await hello();
  session.open = 'c';
  session.event('message.new', message('c', 1));
  session.seen();
  timers.splice(0).forEach((then) => then());
  await turn();
  session.disconnected();
  all['receipt.read'] = {};
  await hello();
  assert.equal(of('receipt.read').length, 2);
});

test('scrolling up reads page after page until the start, one at a time', async () => {
  const pages = { undefined: { messages: [message('c', 5)], prev: 5, head: 5 }, 5: { messages: [message('c', 3), message('c', 4)], prev: 3, head: 5 }, 3: { messages: [message('c', 1)], head: 5 } };
  const { session, hello, of } = world({ 'conversation.list': { conversations: [direct('c')] }, 'message.history': ({ before }) => pages[before] });
  await hello();
  session.show('c');
  await turn();
  for (let i = 0; i < 4; i += 1) { session.load_older('c'); session.load_older('c'); await turn(); }
  assert.deepEqual(of('message.history').map(({ before }) => before), [undefined, 5, 3]);
  assert.deepEqual(session.thread('c').items.map(({ seq }) => seq), [1, 3, 4, 5]);
});

test('a gap is filled from its upper end', async () => {
  const { session, hello, of } = world({ 'conversation.list': { conversations: [direct('c')] }, 'message.history': { messages: [message('c', 2), message('c', 8)], prev: 2, head: 9 } });
  await hello();
  session.event('message.new', message('c', 9));
  session.event('conversation.gap', { cid: 'c', from: 2, to: 8 });
  await session.load_hole('c', 8);
  assert.equal(of('message.history').at(-1).before, 9);
  assert.deepEqual(session.thread('c').holes, []);
});

test('a page that can not be read leaves a word of why, and being offline does not', async () => {
  let code = 'internal';
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] }, 'message.history': () => { throw refusal(code); } });
  await hello();
  session.show('c');
  await turn();
  assert.equal(session.thread('c').problem, 'internal');
  code = 'offline';
  session.load_newest('c');
  await turn();
  assert.equal(session.thread('c').problem, undefined);
});

test('the list that can not be read says so', async () => {
  const { session, hello } = world({ 'conversation.list': undefined });
  await hello();
  assert.equal(session.list.state, 'error');
});

test('members come and go in a group with a line each, and the count follows', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [{ ...direct('g'), kind: 'group', title: 'Crew', members: 2 }] } });
  await hello();
  session.event('member.added', { cid: 'g', seq: 1, user: 'eve', role: 'member', actor: 'bob', ts: stamp });
  session.event('member.added', { cid: 'g', seq: 1, user: 'eve', role: 'member', actor: 'bob', ts: stamp });
  assert.equal(session.conversation('g').members, 3);
  session.event('member.removed', { cid: 'g', seq: 2, user: 'eve', actor: 'eve', ts: stamp });
  assert.equal(session.conversation('g').members, 2);
  assert.deepEqual(session.thread('g').items.map(({ what }) => what), ['added', 'removed']);
});

test('a conversation one was removed from is gone, also from the screen', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  session.show('c');
  session.event('conversation.removed', { cid: 'c_me', seq: 9, conversation: { cid: 'c' } });
  assert.equal(session.open, undefined);
  assert.equal(session.conversation('c'), undefined);
});

test('a refused message is marked with the reason, and goes on retry', async () => {
  const { session, hello, of, all } = world({ 'conversation.list': { conversations: [direct('c')] }, 'message.send': () => { throw refusal('too_large'); } });
  await hello();
  session.show('c');
  session.send('long');
  await turn();
  assert.deepEqual(session.thread('c').items.map(({ state, problem }) => [state, problem]), [['failed', 'This is too long.']]);
  all['message.send'] = { id: 'm', cid: 'c', seq: 1, no: 1, ts: stamp };
  session.retry('x1');
  assert.equal(session.thread('c').items[0].state, 'pending');
  await turn();
  assert.equal(session.thread('c').items[0].state, 'sent');
  assert.deepEqual(of('message.send').map(({ client_id }) => client_id), ['x1', 'x1']);
});

test('messages kept over a reload are shown pending and sent', async () => {
  const { session, hello, of } = world({ 'message.send': { id: 'm', cid: 'c', seq: 1, no: 1, ts: stamp }, 'conversation.get': direct('c') }, { kept: [{ to: 'bob', text: 'kept', client_id: 'k', ts: stamp, failed: false }] });
  assert.equal(session.thread('to:bob').items[0].state, 'pending');
  await hello();
  await turn();
  assert.equal(of('message.send')[0].client_id, 'k');
  assert.equal(session.thread('c').items[0].state, 'sent');
});

test('cursors of the other give ticks and only rise', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  session.event('message.delivered', { cid: 'c', members: [{ user: 'ann', delivered_seq: 1 }, { user: 'bob', delivered_seq: 4 }] });
  session.event('message.read', { cid: 'c', members: [{ user: 'bob', read_seq: 3 }] });
  session.event('message.delivered', { cid: 'c', members: [{ user: 'bob', delivered_seq: 2 }] });
  assert.deepEqual(session.marks.get('c').get('bob'), { read_seq: 3, delivered_seq: 4 });
});

test('an early message is settled by message.stored or taken back', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  session.event('message.new', message('c', null, { id: 'e1', client_id: 'a', no: undefined }));
  session.event('message.new', message('c', null, { id: 'e2', client_id: 'b', no: undefined }));
  session.event('message.stored', { cid: 'c', id: 'e1', seq: 1, no: 1, ts: stamp });
  session.event('message.stored', { cid: 'c', id: 'unknown', seq: 2, no: 2, ts: stamp });
  session.event('message.retracted', { cid: 'c', id: 'e2' });
  assert.deepEqual(session.thread('c').items.map(({ seq }) => seq), [1]);
});

test('another epoch forgets what was known', async () => {
  const { session, hello } = world({ 'conversation.list': { conversations: [direct('c')] } });
  await hello();
  session.event('message.new', message('c', 1));
  session.event('hello', { user: 'me', epoch: 'other' });
  assert.equal(session.thread('c').items.length, 0);
});

test('a conversation.added of long ago does not undo what the list said; of an unknown one the present state is asked', async () => {
  const now = direct('c', { members: 2, last_message: message('c', 3), unread: 2 });
  const { session, hello, of } = world({ 'conversation.list': { conversations: [{ ...now, kind: 'group', title: 'New title', members: 9 }] }, 'conversation.get': now });
  await hello();
  session.event('conversation.added', { cid: 'c_me', seq: 1, conversation: { cid: 'c', kind: 'group', title: 'Old title', members: 2 } });
  assert.deepEqual([session.conversation('c').title, session.conversation('c').members], ['New title', 9]);
  session.event('conversation.removed', { cid: 'c_me', seq: 2, conversation: { cid: 'c' } });
  session.event('conversation.added', { cid: 'c_me', seq: 3, conversation: { cid: 'c', kind: 'direct', users: ['bob', 'me'] } });
  await turn();
  assert.equal(of('conversation.get').length, 1);
  assert.equal(unread_of(session.conversation('c')), 2);
  assert.equal(session.conversation('c').peer, 'bob');
});
