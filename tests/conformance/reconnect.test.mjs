// Connections are cut and servers die under the official clients: they come back by themselves and miss nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';
import { Wire } from '../support/proxy.mjs';

const ids = (messages) => messages.map(({ id }) => id);
const distinct = (list) => [...new Set(list)];

/** Everything that was sent arrived, in order, and a client that drops known ids shows it once. */
function assert_complete(client, cid, sent) {
  const got = client.heard('message.new', (message) => message.cid === cid);
  const shown = got.filter((message, i) => ids(got).indexOf(message.id) === i);
  assert.deepEqual(ids(shown), sent);
  assert.deepEqual(shown.map(({ seq }) => seq), sent.map((_, i) => shown[0].seq + i));
}

let people = 0;
const fresh = (name) => `${name}${++people}`;

describe('a connection is cut', () => {
  let server;
  let crowd;
  let wire;
  before(async () => { server = await Server.start(); crowd = new Crowd(server.url); wire = await Wire.to(server.port); });
  after(async () => { crowd.close(); await wire.close(); await server.stop(); });

  for (const way of matrix) {
    it(`${way.name}: what was missed is there after the reconnect, in order`, async () => {
      const ann = await crowd.join({ user: fresh('ann') });
      const bob = await crowd.join({ ...way, user: fresh('bob'), device: 'd', url: wire.url });
      await bob.settled();
      const sent = [];
      const send = async (text) => { const { id, cid } = await ann.call('message.send', { to: bob.user, text }); sent.push(id); return cid; };
      const cid = await send('before');
      await bob.event('message.new', ({ id }) => id === sent[0]);
      for (let round = 0; round < 3; round += 1) {
        const { mark } = bob;
        wire.cut();
        await bob.event('#disconnect', () => true, { since: mark });
        for (let i = 0; i < 5; i += 1) await send(`while gone ${round} ${i}`);
        wire.mend();
        await bob.event('hello', () => true, { since: mark });
        await send(`after ${round}`);
        await bob.event('message.new', ({ id }) => id === sent.at(-1));
      }
      assert_complete(bob, cid, sent);
      assert.deepEqual(ids(await bob.history(cid)), sent);
      ann.close(); bob.close();
    });

    it(`${way.name}: a group message missed is there too, and unread counts it`, async () => {
      const ann = await crowd.join({ user: fresh('ann') });
      const bob = await crowd.join({ ...way, user: fresh('bob'), device: 'd', url: wire.url });
      await bob.settled();
      const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g', members: [bob.user] });
      await bob.event('conversation.added');
      const { mark } = bob;
      wire.cut();
      await bob.event('#disconnect', () => true, { since: mark });
      const sent = [];
      for (let i = 0; i < 3; i += 1) sent.push((await ann.call('message.send', { cid, text: `${i}` })).id);
      wire.mend();
      for (const id of sent) await bob.event('message.new', (message) => message.id === id);
      assert_complete(bob, cid, sent);
      const listed = (await bob.call('conversation.list', {})).conversations.find((one) => one.cid === cid);
      assert.equal(listed.unread, 3);
      assert.equal(listed.last_message.id, sent.at(-1));
      ann.close(); bob.close();
    });
  }
});

describe('the server is killed and started again under its clients', () => {
  let server;
  let crowd;
  before(async () => { server = await Server.start(); crowd = new Crowd(server.url); });
  after(async () => { crowd.close(); await server.stop(); });

  it('every client of the matrix reconnects by itself; nothing is lost, nothing is shown twice', async () => {
    const pairs = [];
    for (const way of matrix) {
      const [ann, bob] = [await crowd.join({ ...way, user: fresh('ann'), device: 'a' }), await crowd.join({ ...way, user: fresh('bob'), device: 'b' })];
      await ann.settled();
      await bob.settled();
      pairs.push({ ann, bob, sent: [] });
    }
    const talk = (text) => Promise.all(pairs.map(async (pair) => {
      const { id, cid } = await pair.ann.call('message.send', { to: pair.bob.user, text });
      pair.cid = cid;
      pair.sent.push(id);
    }));
    await talk('before');
    for (let round = 0; round < 2; round += 1) {
      await talk(`acked just before kill ${round}`);
      const marks = pairs.map(({ ann, bob }) => [ann.mark, bob.mark]);
      await server.kill9();
      await Promise.all(pairs.flatMap(({ ann, bob }, i) => [ann.event('#disconnect', () => true, { since: marks[i][0] }), bob.event('#disconnect', () => true, { since: marks[i][1] })]));
      await server.restart();
      await Promise.all(pairs.flatMap(({ ann, bob }, i) => [ann.event('hello', () => true, { since: marks[i][0] }), bob.event('hello', () => true, { since: marks[i][1] })]));
      await talk(`after ${round}`);
    }
    for (const { ann, bob, cid, sent } of pairs) {
      for (const id of sent) await bob.event('message.new', (message) => message.id === id);
      assert_complete(bob, cid, sent);
      assert.deepEqual(ids(await ann.history(cid)), sent, `${ann.version} ${ann.way}`);
      assert.equal(distinct(ids(await bob.history(cid))).length, sent.length);
    }
  });
});
