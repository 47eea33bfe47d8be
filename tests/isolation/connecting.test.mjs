// What a CONNECT may name that is another's: places in conversations, devices, names. It learns nothing and moves nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { make, parse } from '../support/jwt.mjs';
import { things } from './things.mjs';
import { masked, World } from './world.mjs';

let world;
before(async () => { world = await World.build(); });
after(async () => { await world?.end(); });

/** All a new connection of `user` is told until a message of his own group is there. */
async function told(app, user, auth, cid, teller) {
  const client = world.crowd.add({ auth: { token: app.token(user), ...auth } });
  await client.hello();
  const fence = await teller.call('message.send', { cid, text: 'a fence' });
  await client.event('message.new', ({ id }) => id === fence.id);
  const heard = client.entries.filter(({ event, body }) => !event.startsWith('#') && event !== 'hello' && body.cid !== cid);
  client.close();
  return heard.map(({ event, body }) => [event, body]);
}

describe('who connects', () => {
  for (const seq of [0, 1, 2, 1000, 2 ** 52]) {
    it(`is told the same whatever conversation of others he says to have read up to ${seq}`, async () => {
      const seen = new Set();
      for (const cid of things(world, 'sam').cid) seen.add(masked(JSON.stringify(await told(world.red, 'sam', { cursors: [{ cid, seq }], device: `d${seq}` }, world.sams.cid, world.tim)), cid));
      assert.equal(seen.size, 1, [...seen].join('\n'));
      await world.check('sam connects');
    });
  }

  it('has no part in another\'s device, though it has the same name', async () => {
    assert.deepEqual((await told(world.red, 'sam', { device: 'phone' }, world.sams.cid, world.tim)).filter(([event]) => event !== 'conversation.added'), []);
    await world.check('the same device');
  });

  it('is refused alike, whoever it is whose name he takes', async () => {
    const hour = Math.floor(Date.now() / 1000) + 3600;
    const refusals = new Set();
    for (const iss of ['red', 'blue', 'none'])
      for (const sub of ['ann', 'zed']) {
        const { header } = parse(world.red.token('ann'));
        for (const head of [header, { alg: 'HS256' }, { alg: 'HS256', kid: 'none' }]) {
          const client = world.crowd.add({ token: make(head, { iss, sub, exp: hour }) });
          refusals.add(JSON.stringify(await client.refused()));
          client.close();
        }
      }
    assert.equal(refusals.size, 1, [...refusals].join('\n'));
    assert.match([...refusals][0], /unauthenticated/);
  });

  it('was not heard by anybody', async () => { await world.check_fenced('connecting'); });
});

describe('what is open to all of an application', () => {
  it('is a message to anybody, answered alike whether he was ever here', async () => {
    const answers = new Set();
    for (const to of ['tom', 'zed']) {
      if (to === 'tom') (await world.crowd.join({ token: world.red.token(to) })).close();
      const sent = await world.sam.call('message.send', { to, text: 'hello' });
      answers.add(JSON.stringify({ ...sent, id: 0, cid: 0, ts: 0 }));
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
  });

  it('is a name of a conversation, one time: taken ones are told, and nothing of what they name', async () => {
    const { error } = await world.sam.ask('conversation.create', { external_id: 'red crew', title: 'Mine' });
    assert.equal(error.code, 'conflict');
    assert.ok(!JSON.stringify(error).includes(world.crew.cid));
    await world.check('a taken name');
  });
});
describe('who was removed', () => {
  it('does not go on seeing the presence of those he saw before, nor they his', async () => {
    const { ann, bob } = world.owners;
    const flo = await world.crowd.join({ user: 'flo', token: world.red.token('flo') });
    await ann.call('member.add', { cid: world.crew.cid, users: ['flo'] });
    await flo.event('conversation.added');
    assert.equal((await flo.call('presence.subscribe', { users: ['bob'] })).users.length, 1);
    assert.equal((await ann.call('presence.subscribe', { users: ['flo'] })).users.length, 1);
    await ann.call('member.remove', { cid: world.crew.cid, user: 'flo' });
    await flo.event('conversation.removed');
    await bob.event('member.removed', ({ user }) => user === 'flo');
    const heard = (one, from, user) => one.entries.slice(from).some(({ event, body }) => event === 'presence.changed' && (!user || body.user === user));
    const is_silent = async (status) => {
      const [of_flo, of_ann] = [flo.mark, ann.mark];
      await flo.call('presence.set', { status });
      await world.fences();   // bob is busy, then online again
      await flo.call('time', {});
      return !heard(flo, of_flo) && !heard(ann, of_ann, 'flo');
    };
    // What was on its way at the removal may still arrive.
    if (!await is_silent('busy')) assert.ok(await is_silent('online'));
  });
});
