// Connection state recovery, as the official clients of version 4 do it; those of version 3 and 2 see no difference but an argument more.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, versions } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

let server;
let crowd;
let people = 0;
const fresh = (name) => `${name}${++people}`;

before(async () => {
  server = await Server.start({ env: { KITH_SERVER_REACTORS: '2', KITH_SOCKETIO_RECOVERY_MS: '60000' } });
  crowd = new Crowd(server.url);
});
after(async () => { crowd.close(); await server.stop(); });

/** The connection breaks, and the client does not come back before it is told. */
async function cut(client) {
  const { io } = client.socket;
  io.reconnection(false);
  const { mark } = client;
  io.engine.close();
  await client.event('#disconnect', () => true, { since: mark });
}

async function back(client) {
  const { mark } = client;
  client.socket.connect();
  await client.event('#connect', () => true, { since: mark });
}

describe('connection state recovery', () => {
  for (const way of ['polling', 'websocket', 'upgrade']) {
    it(`over ${way}: the same id, what was missed once and in order, no second hello`, async () => {
      const ann = await crowd.join({ user: fresh('ann'), way });
      await ann.settled();
      const bob = await crowd.join({ user: fresh('bob') });
      assert.equal(ann.socket.recovered, false);
      const { id } = ann.socket;
      const text = (message) => message.text;
      await bob.call('message.send', { to: ann.user, text: 'before' });
      await ann.event('message.new');
      for (const round of [1, 2, 3]) {
        await cut(ann);
        for (const n of [1, 2, 3]) await bob.call('message.send', { to: ann.user, text: `missed ${round}.${n}` });
        await back(ann);
        assert.equal(ann.socket.recovered, true);
        assert.equal(ann.socket.id, id);
        await ann.event('message.new', (message) => message.text === `missed ${round}.3`);
      }
      const missed = [1, 2, 3].flatMap((round) => [1, 2, 3].map((n) => `missed ${round}.${n}`));
      assert.deepEqual(ann.heard('message.new').map(text), ['before', ...missed]);
      assert.equal(ann.heard('hello').length, 1);
      const { cid } = await ann.call('conversation.get', { to: bob.user });
      assert.equal((await ann.history(cid)).length, 10, 'commands work');
    });
  }

  it('a client that is lost at once is recovered, or greeted anew where its conversations were not found yet', async () => {
    const ann = await crowd.join({ user: fresh('ann') });
    await cut(ann);
    await back(ann);
    await ann.call('presence.get', { users: [ann.user] });  // answered after a greeting
    assert.equal(ann.heard('hello').length, ann.socket.recovered ? 1 : 2);
  });

  it('binary events and events with any argument keep their shape', async () => {
    const [ann, bob] = [await crowd.join({ user: fresh('ann') }), await crowd.join({ user: fresh('bob') })];
    await ann.call('message.send', { to: bob.user, text: 'his conversations are found' });
    await bob.event('message.new');
    const room = fresh('room');
    for (const one of [ann, bob]) await one.call('room.join', { room });
    await ann.call('room.send', { room, data: { bytes: Buffer.from('abc'), text: 'x' } });
    const { data } = await bob.event('room.data');
    assert.equal(Buffer.from(data.bytes).toString(), 'abc');
    assert.equal(data.text, 'x');
    await cut(bob);
    await back(bob);
    assert.equal(bob.socket.recovered, true);
  });

  it('after a goodbye, or as somebody else, it begins anew', async () => {
    const ann = await crowd.join({ user: fresh('ann') });
    ann.socket.disconnect();
    await back(ann);
    assert.equal(ann.socket.recovered, false);
    await cut(ann);
    ann.socket.auth = { user: fresh('eve') };
    await back(ann);
    assert.equal(ann.socket.recovered, false);
    await until(() => ann.heard('hello').length === 3, 'three greetings');
  });

  for (const version of versions.filter((one) => one !== 'v4')) {
    it(`a client of ${version} gets what it missed as ever`, async () => {
      const ann = await crowd.join({ user: fresh('ann'), version, device: 'd' });
      const bob = await crowd.join({ user: fresh('bob') });
      await cut(ann);
      await bob.call('message.send', { to: ann.user, text: 'missed' });
      await back(ann);
      assert.equal((await ann.event('message.new')).text, 'missed');
    });
  }
});
