// What a message may carry, and what counts as unread: stock clients, one of each generation.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, versions } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let crowd;
let key;
before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  key = /\bsk_[\w-]+/.exec(server.log)[0];
});
after(async () => { crowd.close(); await server.stop(); });

let people = 0;
const fresh = (name) => `${name}${++people}`;

async function pair(version) {
  const [ann, bob] = [await crowd.join({ version, user: fresh('ann') }), await crowd.join({ version, user: fresh('bob') })];
  const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g', members: [bob.user] });
  await bob.event('conversation.added', ({ conversation }) => conversation.cid === cid);
  return { ann, bob, cid };
}

/** As the application, in the name of `user`. */
async function post(cid, user, body, bearer = key) {
  const response = await fetch(`${server.url}/v1/conversations/${cid}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...(bearer === key && { 'on-behalf-of': user }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const unread = async (client, cid) => (await client.call('conversation.get', { cid })).unread;

for (const version of versions) {
  describe(`messages, ${version}`, () => {
    it('arrive, and are read again, with all that was said in them', async () => {
      const { ann, bob, cid } = await pair(version);
      const said = {
        type: 'order.placed', text: 'see here', reply_to: 1, mentions: [bob.user, 'nobody'], custom: { order: { id: 7 }, list: [1.5, null, 'é'] },
        attachments: [{ url: 'https://files.example/a%20b.png?x=1', mime: 'image/png', bytes: 12, name: 'a b.png', width: 3, height: 4 }, { url: 'http://x/y', mime: 'text/plain; charset=utf-8' }],
      };
      await ann.call('message.send', { cid, text: 'first' });
      const { seq } = await ann.call('message.send', { cid, ...said, silent: true, unknown: 1 });
      const came = await bob.event('message.new', (message) => message.cid === cid && message.seq === seq);
      const [, read] = await bob.history(cid);
      assert.deepEqual(read, came);
      for (const [field, value] of Object.entries({ ...said, silent: true })) assert.deepEqual(came[field], value, field);
      assert.equal(came.unknown, undefined);
      ann.close(); bob.close();
    });

    it('that are silent are shown at once and raise no count', async () => {
      const { ann, bob, cid } = await pair(version);
      const loud = await ann.call('message.send', { cid, text: 'loud' });
      const hush = await ann.call('message.send', { cid, text: 'hush', silent: true });
      assert.deepEqual([loud.seq, loud.no, hush.seq, hush.no], [1, 1, 2, 1]);
      const came = await bob.event('message.new', ({ seq }) => seq === 2);
      assert.deepEqual([came.no, came.silent], [1, true]);
      assert.equal(await unread(bob, cid), 1);
      assert.equal((await bob.call('receipt.read', { cursors: [{ cid, seq: 1 }] })).total_unread, 0);
      assert.equal((await ann.call('message.send', { cid, text: 'loud' })).no, 2);
      assert.equal(await unread(bob, cid), 1);
      ann.close(); bob.close();
    });

    it('of the type system are the application\'s, and raise no count', async () => {
      const { ann, bob, cid } = await pair(version);
      assert.equal(await ann.code('message.send', { cid, type: 'system.joined', text: 'x' }), 'forbidden');
      assert.equal((await post(cid, ann.user, { type: 'system.joined', text: 'x' }, await server.token(ann.user))).status, 403);
      const made = await post(cid, ann.user, { type: 'system.joined', text: 'ann has joined', custom: { user: ann.user } });
      assert.deepEqual([made.status < 300, made.body.seq, made.body.no], [true, 1, 0], JSON.stringify(made));
      const came = await bob.event('message.new', (message) => message.cid === cid);
      assert.deepEqual([came.type, came.sender, came.no, came.text], ['system.joined', ann.user, 0, 'ann has joined']);
      assert.equal(await unread(bob, cid), 0);
      assert.deepEqual((await bob.history(cid)).map(({ type }) => type), ['system.joined']);
      ann.close(); bob.close();
    });

    it('are told as read to the user\'s other devices, and to nobody else', async () => {
      const { ann, bob, cid } = await pair(version);
      const laptop = await crowd.join({ version, user: bob.user, device: 'laptop' });
      for (let i = 0; i < 4; i += 1) await ann.call('message.send', { cid, text: `${i}` });
      await bob.event('message.new', ({ seq }) => seq === 4);
      for (const seq of [1, 2, 3]) await bob.call('receipt.read', { cursors: [{ cid, seq }] });
      const told = await laptop.event('receipt.self', ({ read_seq }) => read_seq === 3);
      assert.deepEqual(told, { cid, read_seq: 3, unread: 1, total_unread: 1 });
      assert.deepEqual([bob, ann].map((one) => one.heard('receipt.self')), [[], []]);
      await ann.call('member.remove', { cid, user: bob.user });
      for (const device of [bob, laptop]) assert.deepEqual(await device.event('unread.updated'), { cid, unread: 0, total_unread: 0 });
      ann.close(); bob.close(); laptop.close();
    });
  });
}
