// What stock clients see of a message that is shown before it is stored, and of how far it got.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { Disk } from '../support/disk.mjs';
import { Server } from '../support/server.mjs';

const within = (value, env = {}) => ({ env: { KITH_APP_DEFAULTS_DELIVER_WITHIN: value, ...env } });
const text_is = (wanted) => ({ text }) => text === wanted;

describe('while the database holds a commit up', () => {
  const disk = new Disk();
  let server;
  let crowd;
  before(async () => { server = await Server.start(within('5', disk.env)); crowd = new Crowd(server.url); });
  after(async () => { disk.let_go(); crowd.close(); await server.stop(); disk.remove(); });

  for (const way of matrix) {
    it(`${way.name}: a message is shown without a number, which message.stored brings`, async () => {
      const name = way.name.replace(' ', '-');
      const ann = await crowd.join({ ...way, user: `ann-${name}` });
      const bob = await crowd.join({ ...way, user: `bob-${name}` });
      await ann.call('message.send', { to: bob.user, text: 'zero', client_id: 'k0' });   // nobody listens to what is not there yet
      await bob.event('message.new', text_is('zero'));
      disk.hold();
      const sent = ann.call('message.send', { to: bob.user, text: 'one' });
      const retried = ann.call('message.send', { to: bob.user, text: 'zero', client_id: 'k0' });
      const shown = await bob.event('message.new', text_is('one'));
      assert.equal(shown.seq, null);
      assert.equal(shown.no, null);
      assert.deepEqual(bob.heard('message.stored'), []);
      disk.let_go();
      const answer = await sent;
      assert.equal(shown.id, answer.id);
      assert.deepEqual(await bob.event('message.stored'), { cid: answer.cid, id: answer.id, seq: answer.seq, no: answer.no, ts: answer.ts });
      assert.equal((await retried).duplicate, true);
      await bob.call('time', {});
      assert.deepEqual(bob.heard('message.new').map(({ text }) => text), ['zero', 'one']);
      assert.deepEqual(ann.heard('message.stored'), []);
    });
  }

  it('who connects meanwhile gets it whole, once it is stored', async () => {
    const ann = await crowd.join({ user: 'ann' });
    const laptop = await crowd.join({ user: 'ann' });
    await ann.call('message.send', { to: 'bob', text: 'zero' });
    await laptop.event('message.new', text_is('zero'));
    disk.hold();
    const sent = ann.call('message.send', { to: 'bob', text: 'one' });
    assert.equal((await laptop.event('message.new', text_is('one'))).seq, null);   // it was shown to whom it may be
    const bob = await crowd.join({ user: 'bob' });
    await bob.event('message.new', text_is('zero'));
    disk.let_go();
    const { seq } = await sent;
    assert.equal((await bob.event('message.new', text_is('one'))).seq, seq);
  });
});

describe('deliver_within = committed', () => {
  let server;
  let crowd;
  before(async () => { server = await Server.start(within('committed')); crowd = new Crowd(server.url); });
  after(async () => { crowd.close(); await server.stop(); });

  it('every message comes once, with its number', async () => {
    const ann = await crowd.join({ user: 'ann' });
    const bob = await crowd.join({ user: 'bob' });
    for (let n = 1; n <= 20; n += 1) await ann.call('message.send', { to: 'bob', text: `m${n}` });
    await bob.event('message.new', text_is('m20'));
    assert.deepEqual(bob.heard('message.new').map(({ seq }) => seq), Array.from({ length: 20 }, (_, n) => n + 1));
    assert.deepEqual(bob.heard('message.stored'), []);
  });

  for (const way of matrix) {
    it(`${way.name}: the sender hears that it was received, and that it was read`, async () => {
      const name = way.name.replace(' ', '-');
      const ann = await crowd.join({ user: `ann-${name}` });
      const bob = await crowd.join({ ...way, user: `bob-${name}` });
      const { cid, seq } = await ann.call('message.send', { to: bob.user, text: 'hi' });
      const of_bob = (field) => (body) => body.cid === cid && body.members.some((one) => one.user === bob.user && one[field] === seq);
      await ann.event('message.delivered', of_bob('delivered_seq'));
      await bob.call('receipt.read', { cursors: [{ cid, seq }] });
      await ann.event('message.read', of_bob('read_seq'));
    });
  }
});
