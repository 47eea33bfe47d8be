// A server that is told to end: SIGTERM with `server.drain_over_ms`.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { until, within } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

const over_ms = 6_000;

async function crowded(t, env) {
  const server = await Server.start({ env });
  const crowd = new Crowd(server.url);
  t.after(() => { crowd.close(); server.process.kill('SIGKILL'); server.remove_data(); });
  const people = await Promise.all(Array.from({ length: 18 }, (_, i) => {
    const { version, way } = matrix[i % matrix.length];
    return crowd.join({ version, way, user: `p${i}`, options: { reconnection: false } });
  }));
  return { server, people };
}

async function ended(server) {
  const { code } = await within(server.exited, () => `the end after SIGTERM:\n${server.log}`);
  assert.equal(code, 0);
  server.check_log();
}

describe('a server that is told to end', () => {
  it('tells every client when he is to move, serves him until then, and closes him', async (t) => {
    const { server, people } = await crowded(t, { KITH_SERVER_DRAIN_OVER_MS: String(over_ms) });
    server.process.kill('SIGTERM');
    const moments = await Promise.all(people.map(async (one) => (await one.event('session.move')).after_ms));
    assert.ok(moments.every((after) => Number.isInteger(after) && after >= 0 && after < over_ms), String(moments));
    assert.ok(new Set(moments).size > people.length / 2, 'each has a moment of his own');
    const last = people[moments.indexOf(Math.max(...moments))];
    const { seq } = await last.call('message.send', { to: 'somebody', text: 'still here' });
    assert.equal(seq, 1, 'who is not gone yet is served');
    for (const one of people) {
      const { code, retry } = await one.event('session.closed');
      assert.deepEqual({ code, retry }, { code: 'draining', retry: true });
    }
    await ended(server);
  });

  it('ends the wait at the second signal', async (t) => {
    const { server, people } = await crowded(t, { KITH_SERVER_DRAIN_OVER_MS: '3600000' });
    server.process.kill('SIGTERM');
    await Promise.all(people.map((one) => one.event('session.move')));
    assert.ok(server.alive());
    server.process.kill('SIGTERM');
    await Promise.all(people.map((one) => one.event('session.closed')));
    await ended(server);
  });

  it('closes all at once when no time is set', async (t) => {
    const { server, people } = await crowded(t, {});
    server.process.kill('SIGTERM');
    await Promise.all(people.map((one) => one.event('session.closed')));
    await ended(server);
    assert.ok(people.every((one) => one.entries.every(({ event }) => event !== 'session.move')));
    await until(() => people.every((one) => !one.socket.connected), 'the ends');
  });
});
