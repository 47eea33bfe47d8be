// DELETE /v1/users/{id}/sessions: everybody of that name is out at once, and what let him in lets nobody in again.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { make } from '../support/jwt.mjs';
import { Server } from '../support/server.mjs';

let server;
let crowd;
let key;
let secret;
let kid;

before(async () => {
  server = await Server.start({ serve: ['serve'], env: { KITH_SERVER_REACTORS: '3' } });
  crowd = new Crowd(server.url);
  for (const app of ['shop', 'game']) {
    await server.run('app', 'create', app);
    const made = await server.run('app', 'key', 'add', app, '--kind', 'signing');
    if (app !== 'shop') continue;
    [kid, secret] = ['kid', 'secret'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(made)[1]);
    key = /sk_\S+/.exec(await server.run('app', 'key', 'add', app, '--kind', 'server'))[0];
  }
});
after(async () => { crowd.close(); await server.stop(); });

const ask = (path, { method = 'GET', bearer = key } = {}) => fetch(server.url + path, { method, headers: { authorization: `Bearer ${bearer}` } });
const revoke = (user, bearer = key) => ask(`/v1/users/${user}/sessions`, { method: 'DELETE', bearer });

async function refusal(token, version = 'v4') {
  const client = crowd.add({ token, version });
  const { code } = await client.refused();
  client.close();
  return code;
}

describe('the sessions of a user', () => {
  it('end at once on every transport and reactor, and do not come back by themselves', async () => {
    const token = await server.token('ann', { app: 'shop' });
    const his = await Promise.all([...matrix, ...matrix].map((how) => crowd.join({ ...how, user: 'ann', token })));
    const bob = await crowd.join({ token: await server.token('bob', { app: 'shop' }) });
    const namesake = await crowd.join({ token: await server.token('ann', { app: 'game' }) });
    const answer = await revoke('ann');
    assert.equal(answer.status, 200);
    const { sessions, revoked_at: revoked_at_text } = await answer.json();
    assert.equal(sessions, his.length);
    assert.ok(Math.abs(Date.parse(revoked_at_text) - Date.now()) < 60_000);
    for (const one of his) {
      const { code, retry } = await one.event('session.closed');
      assert.deepEqual({ code, retry }, { code: 'session_revoked', retry: false });
      assert.equal(await one.event('#disconnect'), 'io server disconnect', `${one.version} ${one.way}`);
    }
    for (const version of ['v2', 'v3', 'v4']) assert.equal(await refusal(token, version), 'unauthenticated');
    assert.equal((await ask('/v1/users/ann/conversations', { bearer: token })).status, 401);
    for (const one of [bob, namesake]) {
      assert.ok(Array.isArray((await one.call('conversation.list', {})).conversations));
      one.close();
    }
    assert.ok(his.every((one) => one.connects === 1 && !one.socket.connected));
  });

  it('begin anew with a token made in the same moment', async () => {
    await revoke('carl');
    const made = await fetch(`${server.url}/v1/users/carl/tokens`, {
      method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: '{}',
    });
    const { token } = await made.json();
    const carl = await crowd.join({ token });
    assert.equal((await carl.hello()).user, 'carl');
    assert.equal((await (await revoke('carl')).json()).sessions, 1);
    await carl.event('session.closed');
    assert.equal(await refusal(token), 'unauthenticated');
  });

  it('are judged by what a token says of when it was issued', async () => {
    const signed = (claims) => make({ alg: 'HS256', kid }, { iss: 'shop', sub: 'dora', exp: Date.now() / 1000 + 600, ...claims }, secret);
    const silent = signed({});
    (await crowd.join({ token: silent })).close();
    const { revoked_at: at } = await (await revoke('dora')).json();
    const seconds = Date.parse(at) / 1000;
    assert.equal(await refusal(silent), 'unauthenticated', 'it does not say when');
    assert.equal(await refusal(signed({ iat: Math.floor(seconds) })), 'unauthenticated', 'of the same second: before or after?');
    assert.equal(await refusal(signed({ iat: seconds })), 'unauthenticated');
    (await crowd.join({ token: signed({ iat: seconds + 0.001 }) })).close();
    (await crowd.join({ token: signed({ iat: Math.floor(seconds) + 1 }) })).close();
  });

  it('stay ended when the server starts again', async () => {
    const token = await server.token('eve', { app: 'shop' });
    (await crowd.join({ token })).close();
    assert.equal((await revoke('eve')).status, 200);
    await server.kill9();
    await server.restart();
    assert.equal(await refusal(token), 'unauthenticated');
    assert.equal((await ask('/v1/users/eve/conversations', { bearer: token })).status, 401);
    (await crowd.join({ token: await server.token('eve', { app: 'shop' }) })).close();
  });

  it('are ended by the application only', async () => {
    const token = await server.token('fay', { app: 'shop' });
    const fay = await crowd.join({ token });
    assert.equal((await revoke('fay', token)).status, 403);
    assert.equal((await revoke('fay', 'sk_none_of_ours')).status, 401);
    assert.equal((await revoke('fay', 'x')).status, 401);
    assert.ok(Array.isArray((await fay.call('conversation.list', {})).conversations));
    assert.equal((await revoke('nobody-yet')).status, 200);
  });
});
