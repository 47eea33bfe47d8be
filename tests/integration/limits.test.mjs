// How often one may ask, with real clients: by connection, user, application and address, with proxies before the server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { Raw, head, http, target } from '../support/raw.mjs';
import { Server } from '../support/server.mjs';

const handshake = target({ EIO: 4, transport: 'polling' });
const reactors = { KITH_SERVER_REACTORS: '2' };   // so that what is counted together is not on one

async function with_server(t, env) {
  const server = await Server.start({ env: { ...reactors, ...env } });
  const crowd = new Crowd(server.url);
  t.after(async () => { crowd.close(); await server.stop(); });
  return { server, crowd };
}

const in_order = async (count, ask) => {
  const got = [];
  for (let i = 0; i < count; i += 1) got.push(await ask(i));
  return got;
};

describe('rates', () => {
  it('of a user hold over all his connections and over REST, with the wait that ends them', async (t) => {
    const { server, crowd } = await with_server(t, { KITH_LIMITS_USER_MESSAGES_PER_S: '3' });
    const ann = await Promise.all([1, 2, 3, 4].map(() => crowd.join({ user: 'ann' })));
    const acks = await in_order(20, (i) => ann[i % 4].ask('message.send', { to: 'bob', text: 'hi' }));
    const refused = acks.filter(({ ok }) => !ok).map(({ error }) => error);
    assert.ok(refused.length > 0, 'some are refused');
    for (const error of refused) {
      assert.equal(error.code, 'rate_limited');
      assert.equal(error.retryable, true);
      assert.ok(error.retry_after_ms >= 1 && error.retry_after_ms <= 1_001, JSON.stringify(error));
    }
    const token = await server.token('ann');
    const statuses = await in_order(20, async () => (await fetch(`${server.url}/v1/conversations/to:bob/messages`, {
      method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{"text":"hi"}',
    })).status);
    assert.ok(statuses.includes(429), String(statuses));
    assert.ok(ann.every(({ socket }) => socket.connected), 'nobody is closed for that');
    const bob = await crowd.join({ user: 'bob' });
    await bob.call('message.send', { to: 'ann', text: 'another user is not counted' });
  });

  it('of an application hold over its users and server keys', async (t) => {
    const { server, crowd } = await with_server(t, { KITH_APP_DEFAULTS_MESSAGES_PER_S: '2' });
    const [ann, bob] = [await crowd.join({ user: 'ann' }), await crowd.join({ user: 'bob' })];
    const acks = await in_order(12, (i) => [ann, bob][i % 2].ask('message.send', { to: 'cid', text: 'hi' }));
    assert.ok(acks.some(({ error }) => error?.code === 'rate_limited'));
    const key = /server key for this run: (\S+)/.exec(server.log)[1];
    const statuses = await in_order(12, async () => (await fetch(`${server.url}/v1/conversations/to:bob/messages`, {
      method: 'POST', headers: { Authorization: `Bearer ${key}`, 'On-Behalf-Of': 'ann', 'Content-Type': 'application/json' }, body: '{"text":"hi"}',
    })).status);
    assert.ok(statuses.includes(429), String(statuses));
  });

  it('who pours on with what is refused is told so and closed, and may come back', async (t) => {
    const { crowd } = await with_server(t, { KITH_LIMITS_CONNECTION_COMMANDS_PER_S: '1' });
    const ann = await crowd.join({ user: 'ann' });
    for (let i = 0; i < 3_000; i += 1) ann.socket.emit('time', {});
    assert.deepEqual(await ann.event('session.closed'), { code: 'rate_limited', retry: true });
    await ann.event('hello', () => ann.connects === 2);
  });

  it('are shown at GET /v1/limits', async (t) => {
    const { server } = await with_server(t, {
      KITH_LIMITS_USER_MESSAGES_PER_S: '11', KITH_LIMITS_USER_COMMANDS_PER_S: '12', KITH_LIMITS_CONNECTION_MESSAGES_PER_S: '13',
      KITH_LIMITS_CONNECTION_COMMANDS_PER_S: '14', KITH_LIMITS_ADDRESS_HANDSHAKES_PER_S: '15', KITH_APPS_DEFAULT_MESSAGES_PER_S: '16',
      KITH_APPS_DEFAULT_COMMANDS_PER_S: '17',
    });
    const read = async (headers) => (await fetch(`${server.url}/v1/limits`, { headers })).json();
    const limits = await read({ Authorization: `Bearer ${await server.token('ann')}` });
    const shown = Object.fromEntries(['user_messages_per_s', 'user_commands_per_s', 'connection_messages_per_s', 'connection_commands_per_s',
      'address_handshakes_per_s', 'app_messages_per_s', 'app_commands_per_s'].map((name) => [name, limits[name]]));
    assert.deepEqual(Object.values(shown), [11, 12, 13, 14, 15, 16, 17], JSON.stringify(shown));
    assert.equal((await read({})).app_messages_per_s, 0, 'a stranger is told no application\'s');
  });
});

describe('addresses', () => {
  let server;
  before(async () => {
    server = await Server.start({ env: { ...reactors, KITH_LIMITS_ADDRESS_HANDSHAKES_PER_S: '3', KITH_SERVER_TRUSTED_PROXIES: '127.0.0.0/8,192.0.2.0/24' } });
  });
  after(() => server.stop());
  const knock = (forwarded) => http(server.port, 'GET', handshake, { headers: forwarded ? { 'X-Forwarded-For': forwarded } : {} });
  const statuses = async (count, forwarded) => (await in_order(count, (i) => knock(typeof forwarded === 'function' ? forwarded(i) : forwarded))).map(({ status }) => status);

  it('have a pace each, as a trusted proxy names them', async () => {
    const flood = await in_order(20, () => knock('198.51.100.1'));
    const refused = flood.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0, String(flood.map(({ status }) => status)));
    assert.ok(Number(refused[0].headers['retry-after']) >= 1);
    assert.deepEqual(await statuses(3, (i) => `198.51.100.${10 + i}`), [200, 200, 200]);
    assert.ok((await statuses(20)).every((status) => status === 200), 'this machine is not counted');
  });

  it('are read from the right: what a client writes before is nobody\'s word', async () => {
    const flood = await statuses(20, (i) => `203.0.113.${i}, 198.51.100.2, 192.0.2.7`);
    assert.ok(flood.includes(429), String(flood));
  });

  it('of IPv6 count by their /64', async () => {
    assert.ok((await statuses(20, (i) => `2001:db8:1:1::${i + 1}`)).includes(429));
    assert.deepEqual(await statuses(6, (i) => `2001:db8:1:${i + 16}::1`), Array(6).fill(200));
  });

  it('pay for refused tokens too, and a good one is never refused for others', async () => {
    const ask = (bearer) => http(server.port, 'GET', '/v1/users/ann/conversations', { headers: { Authorization: `Bearer ${bearer}`, 'X-Forwarded-For': '198.51.100.3' } });
    const guesses = await in_order(20, () => ask('sk_guess_guess'));
    assert.deepEqual([...new Set(guesses.map(({ status }) => status))], [401, 429]);
    assert.equal(JSON.parse(guesses.at(-1).text).code, 'rate_limited');
    assert.equal((await ask(await server.token('ann'))).status, 200);
    assert.equal((await knock('198.51.100.3')).status, 429);
  });
});

describe('the PROXY protocol', () => {
  let server;
  before(async () => {
    server = await Server.start({ env: {
      ...reactors, KITH_SERVER_PROXY_PROTOCOL: 'true', KITH_SERVER_TRUSTED_PROXIES: '127.0.0.1', KITH_LIMITS_ADDRESS_HANDSHAKES_PER_S: '3',
    } });
  });
  after(() => server.stop());

  async function ask(header) {
    const raw = await Raw.open(server.port);
    raw.write(Buffer.concat([Buffer.from(header, 'latin1'), Buffer.from(head('GET', handshake, { Connection: 'close' }))]));
    try { return (await raw.answer()).status; } catch { return 'closed'; } finally { raw.close(); }
  }
  const v2 = (last) => `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64${String.fromCharCode(last)}\xc0\0\x02\x01\x12\x67\x01\xbb`;

  it('says who comes, in both versions, and he is counted', async () => {
    for (const header of ['PROXY TCP4 198.51.100.9 192.0.2.1 4711 443\r\n', v2(8), 'PROXY TCP6 2001:db8:5::1 2001:db8::1 4711 443\r\n']) {
      const got = await in_order(20, () => ask(header));
      assert.equal(got[0], 200, header);
      assert.ok(got.includes(429), String(got));
    }
    assert.equal(await ask('PROXY UNKNOWN\r\n'), 200);
    assert.equal(await ask(v2(7)), 200);
  });

  it('is due from a trusted peer: without, and with a broken one, it is closed', async () => {
    for (const header of ['', 'PROXY TCP4 198.51.100.9\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 99999 1\r\n', '\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0', '\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff', 'x'.repeat(5_000)])
      assert.equal(await ask(header), 'closed', JSON.stringify(header.slice(0, 40)));
    assert.ok(server.alive());
    assert.match(server.log, /proxy_header_refused/);
  });
});

describe('the cookie of a session', () => {
  it('is set once, as its settings say', async (t) => {
    const { server } = await with_server(t, { KITH_SOCKETIO_COOKIE: 'lb', KITH_SOCKETIO_COOKIE_SAME_SITE: 'strict', KITH_SOCKETIO_CORS_ORIGINS: 'https://a.example' });
    const opened = await http(server.port, 'GET', handshake, { headers: { Origin: 'https://a.example' } });
    const { sid } = JSON.parse(opened.text.slice(1));
    assert.equal(opened.headers['set-cookie'], `lb=${sid}; Path=/; HttpOnly; SameSite=Strict`);
    assert.equal(opened.headers['access-control-allow-credentials'], 'true');
    const next = await http(server.port, 'POST', target({ EIO: 4, transport: 'polling', sid }), { body: '40{"user":"ann"}' });
    assert.equal(next.status, 200);
    assert.equal(next.headers['set-cookie'], undefined);
  });
});
