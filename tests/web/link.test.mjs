import assert from 'node:assert/strict';
import test from 'node:test';
import { Link, Refused, door_line, explain, waiting_line } from '../../web/link.js';

/** A pretend socket of the official client: what the page uses of it. */
function fake() {
  const handlers = {};
  const calls = [];
  const socket = {
    connected: false, answer: undefined,
    on: (name, then) => { handlers[name] = then; }, onAny: (then) => { handlers.any = then; },
    connect: () => calls.push('connect'), disconnect: () => calls.push('disconnect'),
    timeout: () => ({ emitWithAck: async () => { if (socket.answer instanceof Error) throw socket.answer; return socket.answer; } }),
  };
  globalThis.io = (options) => { calls.push(options); return socket; };
  const states = [];
  const later = (then, ms) => { calls.push(ms); timers.push(then); };
  const timers = [];
  const link = new Link({ user: 'ann' }, { state: (state, detail) => states.push([state, detail?.code]), event: (name) => states.push(['event', name]) }, later);
  return { link, socket, handlers, calls, states, timers };
}

test('a refusal at the door is not a lost connection', () => {
  const { handlers, states } = fake();
  handlers.connect_error(Object.assign(new Error('no'), { data: { code: 'unauthenticated' } }));
  handlers.connect_error(new Error('xhr poll error'));
  handlers.connect();
  handlers.any('hello');
  assert.deepEqual(states, [['connecting', undefined], ['refused', 'unauthenticated'], ['waiting', undefined], ['online', undefined], ['event', 'hello']]);
});

test('who is refused for now waits, and comes again when he may', () => {
  const { socket, handlers, states, calls, timers } = fake();
  calls.length = 0;
  handlers.connect_error(Object.assign(new Error('no'), { data: { code: 'rate_limited', retry_after_ms: 700 } }));
  handlers.connect_error(Object.assign(new Error('no'), { data: { code: 'overloaded' } }));
  assert.deepEqual(states.slice(1), [['waiting', 'rate_limited'], ['waiting', 'overloaded']]);
  timers[1]();
  assert.deepEqual(calls, [700, 2_000, 'disconnect', 'connect']);
  socket.connected = true;
  timers[0]();
  assert.equal(calls.length, 4, 'who is there stays');
});

test('what the server ended is closed, what was lost is waited for, what the page ended is nothing', () => {
  const { handlers, states } = fake();
  for (const reason of ['io server disconnect', 'transport close', 'io client disconnect']) handlers.disconnect(reason);
  assert.deepEqual(states.map(([state]) => state), ['connecting', 'closed', 'waiting']);
});

test('a command is answered, refused, or offline at once', async () => {
  const { link, socket } = fake();
  await assert.rejects(link.ask('x', {}), { code: 'offline', retryable: true });
  socket.connected = true;
  socket.answer = { ok: true, data: 7 };
  assert.equal(await link.ask('x', {}), 7);
  socket.answer = { ok: false, error: { code: 'rate_limited', message: 'slow', retryable: true, retry_after_ms: 9 } };
  await assert.rejects(link.ask('x', {}), (error) => error instanceof Refused && error.retry_after_ms === 9 && error.code === 'rate_limited');
  socket.answer = undefined;
  await assert.rejects(link.ask('x', {}), { code: 'internal' });
  socket.answer = new Error('timeout');
  await assert.rejects(link.ask('x', {}), { code: 'no_answer', retryable: false });
});

test('the next try can be had at once, a connection that stands is left alone', () => {
  const { link, socket, calls } = fake();
  calls.length = 0;
  link.try_now();
  assert.deepEqual(calls, ['disconnect', 'connect']);
  socket.connected = true;
  link.try_now();
  assert.equal(calls.length, 2);
});

test('why there is no connection is said for a person', () => {
  assert.equal(explain({ code: 'session_revoked' }), 'You were signed out by the server.');
  assert.equal(explain({ code: 'odd', message: 'Odd.' }), 'Odd.');
  assert.equal(explain(undefined), 'The server closed the connection.');
  assert.match(waiting_line(undefined, true), /offline/);
  assert.match(waiting_line({ code: 'draining' }, false), /restarts/);
  assert.match(waiting_line({ code: 'slow_reader' }, false), /Reconnecting/);
  assert.match(waiting_line({ code: 'rate_limited' }, false), /Too much at once/);
  assert.match(door_line(undefined, true), /offline/);
  assert.match(door_line(undefined, false), /does not answer/);
  assert.match(door_line({ code: 'rate_limited' }, false), /Too many tries/);
  assert.match(door_line({ code: 'overloaded' }, false), /no room/);
});
