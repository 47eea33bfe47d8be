// Tokens that an identity provider signs: public keys from a JWK set, one file for each application.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const jwk = (alg) => ({ ...pairs[alg].publicKey.export({ format: 'jwk' }), kid: `key-${alg}`, use: 'sig', alg });
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(alg, claims = {}, key = pairs[alg].privateKey) {
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg, typ: 'JWT', kid: `key-${alg}` })}.${part({ iss: 'shop', sub: 'ann', iat: now, exp: now + 600, ...claims })}`;
  const signature = sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

let server;
let crowd;
let keys_file;
const keep = (algs) => writeFileSync(keys_file, JSON.stringify({ keys: algs.map(jwk) }));

before(async () => {
  server = new Server({ serve: ['serve'] });
  keys_file = join(server.data, 'keys.json');
  const config = join(server.data, 'kith.toml');
  writeFileSync(config, '[apps.shop]\njwks_file = "keys.json"\n');
  server.args = ['--config', config];
  for (const app of ['shop', 'game']) await server.run('app', 'create', app);
  keep(['RS256', 'ES256']);
  await server.start();
  crowd = new Crowd(server.url);
});
after(async () => { crowd.close(); await server.stop(); });

async function refusal(token) {
  const client = crowd.add({ token });
  const { code } = await client.refused();
  client.close();
  return code;
}

const enter = async (token, how = {}) => {
  const client = await crowd.join({ token, ...how });
  assert.deepEqual([(await client.hello()).app, (await client.hello()).user], ['shop', 'ann']);
  client.close();
};

describe('a JWK set of an application', () => {
  it('lets in whom its keys vouch for, on every version', async () => {
    for (const version of ['v2', 'v3', 'v4']) await enter(signed('RS256'), { version });
    await enter(signed('ES256'));
    const rest = await fetch(`${server.url}/v1/users/ann/conversations`, { headers: { authorization: `Bearer ${signed('ES256')}` } });
    assert.equal(rest.status, 200);
  });

  it('lets nobody in whom its keys do not vouch for', async () => {
    assert.equal(await refusal(signed('EdDSA')), 'unauthenticated', 'not in the file yet');
    assert.equal(await refusal(signed('RS256', { iss: 'game' })), 'unauthenticated', 'another application');
    assert.equal(await refusal(signed('ES256', { exp: 1 })), 'token_expired');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.equal(await refusal(signed('ES256', {}, privateKey)), 'unauthenticated', 'another key of that kind');
    const [, claims] = signed('RS256').split('.');
    const text = `${part({ alg: 'HS256', kid: 'key-RS256' })}.${claims}`;
    for (const format of [{ type: 'spki', format: 'pem' }, { type: 'spki', format: 'der' }]) {
      const secret = pairs.RS256.publicKey.export(format);
      const forged = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      assert.equal(await refusal(forged), 'unauthenticated', 'a public key is no secret');
    }
    assert.equal(await refusal(`${part({ alg: 'none' })}.${claims}.`), 'unauthenticated');
  });

  it('is read again when keys change, and stays as it was while its file is broken', async () => {
    const change = () => server.run('app', 'key', 'add', 'game', '--kind', 'signing');
    keep(['ES256', 'EdDSA']);
    await change();
    await enter(signed('EdDSA'));
    assert.equal(await refusal(signed('RS256')), 'unauthenticated', 'taken out of the file');
    writeFileSync(keys_file, '{"keys": [');
    await change();
    await enter(signed('EdDSA'));
    assert.match(server.log, /event=credentials_unread why=".*keys\.json/);
    keep(['RS256', 'ES256', 'EdDSA']);
    await change();
    await enter(signed('RS256'));
  });

  it('keeps a server from starting that can not read it, and says which file it was', async () => {
    await server.stop({ keep_data: true });
    writeFileSync(keys_file, '{}');
    const failed = await server.run('serve', '--listen', '127.0.0.1:0', ...server.args).catch((error) => error);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /keys\.json: a JWK set is/);
    keep(['RS256']);
    await server.start();
    await enter(signed('RS256'));
  });
});
