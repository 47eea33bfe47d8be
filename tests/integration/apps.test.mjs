// Several applications at once on one server that is not in development mode: made, keyed and used while it runs, and strangers to each other.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { parse } from '../support/jwt.mjs';
import { Server } from '../support/server.mjs';

const names = ['red', 'green', 'blue'];
let server;
let crowd;
const apps = new Map();   // name → {ann, bob}

before(async () => {
  server = await Server.start({ serve: ['serve'] });
  crowd = new Crowd(server.url);
  for (const name of names) {
    await server.run('app', 'create', name);
    await server.run('app', 'key', 'add', name, '--kind', 'signing');
    const people = {};
    for (const user of ['ann', 'bob']) people[user] = await crowd.join({ token: await server.token(user, { app: name }), device: 'phone' });
    apps.set(name, people);
  }
});
after(async () => { crowd.close(); await server.stop(); });

async function refusal(options) {
  const client = crowd.add(options);
  const { code } = await client.refused();
  client.close();
  return code;
}

describe('applications', () => {
  it('are named in the list and in the greeting', async () => {
    const list = await server.run('app', 'list');
    for (const [name, { ann }] of apps) {
      assert.ok(list.split('\n').some((line) => line.split(/\s+/).includes(name)), list);
      const hello = await ann.hello();
      assert.deepEqual([hello.app, hello.user], [name, 'ann']);
    }
  });

  it('take no name for an identity outside development mode', async () => {
    assert.equal(await refusal({ user: 'ann' }), 'unauthenticated');
    assert.equal(await refusal({ user: 'ann', version: 'v2' }), 'unauthenticated');
  });

  it('keep everything apart though all users have the same names, while all talk at once', async () => {
    const talk = async (name) => {
      const { ann, bob } = apps.get(name);
      const sent = [];
      for (let i = 0; i < 50; i += 1) sent.push(await ann.call('message.send', { to: 'bob', client_id: `same-${i}`, text: `${name} ${i}` }));
      await bob.event('message.new', ({ seq }) => seq === 50);
      assert.deepEqual(bob.heard('message.new').map(({ text }) => text), sent.map((_, i) => `${name} ${i}`));
      const group = await ann.call('conversation.create', { kind: 'group', title: name, members: ['bob'], external_id: 'crew' });
      await bob.event('conversation.added', ({ conversation }) => conversation.cid === group.cid);
      for (const one of [ann, bob]) assert.equal((await one.call('room.join', { room: 'lobby' })).users.length, one === ann ? 1 : 2);
      await ann.call('room.send', { room: 'lobby', data: name });
      await bob.event('room.data');
      return { cids: [sent[0].cid, group.cid], ids: sent.map(({ id }) => id) };
    };
    const talks = await Promise.all(names.map(talk));
    const cids = talks.flatMap((one) => one.cids);
    const ids = talks.flatMap((one) => one.ids);
    assert.equal(new Set([...cids, ...ids]).size, cids.length + ids.length, 'no id is of two applications');
    for (const name of names) {
      const { ann, bob } = apps.get(name);
      for (const one of [ann, bob]) {
        assert.deepEqual((await one.call('conversation.list', {})).conversations.map(({ title }) => title).filter(Boolean), [name]);
        assert.deepEqual((await one.call('message.history', { external_id: 'crew' })).messages, []);
        assert.equal(one.heard('room.data', ({ data }) => data !== name).length, 0);
      }
      for (const cid of cids) {
        const { ok, error } = await ann.ask('message.history', { cid });
        assert.equal(ok ? 'ok' : error.code, talks[names.indexOf(name)].cids.includes(cid) ? 'ok' : 'not_found', `${name} ${cid}`);
      }
    }
  });

  it('take no token that a key of another has signed, whatever it says', async () => {
    const [red, green] = [await server.token('ann', { app: 'red' }), await server.token('ann', { app: 'green' })];
    const [head_red, , signature_red] = red.split('.');
    const [head_green, claims_green] = green.split('.');
    assert.equal(await refusal({ token: `${head_red}.${claims_green}.${signature_red}` }), 'unauthenticated');
    assert.equal(await refusal({ token: `${head_green}.${claims_green}.${signature_red}` }), 'unauthenticated');
  });

  it('have several keys at a time, and a retired one opens nothing more', async () => {
    const old = await server.token('eve', { app: 'red' });
    await server.run('app', 'key', 'add', 'red', '--kind', 'signing');
    const young = await server.token('eve', { app: 'red' });
    const kids = [old, young].map((token) => parse(token).header.kid);
    assert.notEqual(kids[0], kids[1]);
    for (const token of [old, young]) (await crowd.join({ token })).close();
    await server.run('app', 'key', 'retire', 'red', kids[0]);
    assert.equal(await refusal({ token: old }), 'unauthenticated');
    (await crowd.join({ token: young })).close();
    (await crowd.join({ token: await server.token('eve', { app: 'green' }) })).close();
    assert.match(await server.run('app', 'key', 'list', 'red'), new RegExp(kids[0]));
  });

  it('are all there after a restart', async () => {
    const marks = [...apps.values()].map(({ bob }) => bob.mark);
    await server.stop({ keep_data: true });
    await server.restart();
    for (const [i, [name, { ann, bob }]] of [...apps].entries()) {
      if (name !== 'red') await bob.event('hello', () => true, { since: marks[i] });   // red's tokens were signed with the retired key
      if (name !== 'red') await ann.call('time', {});
    }
    assert.equal(await server.token('ann', { app: 'blue' }).then((token) => parse(token).claims.iss), 'blue');
  });
});
