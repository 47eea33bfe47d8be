// What Kith's commands do not use of the protocols, shown on a server that only echoes: acks and attachments in both
// directions, several namespaces, heartbeats, upgrades under traffic.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, echo_bin } from '../support/server.mjs';
import { Client, matrix } from '../support/clients.mjs';

const start = (...args) => Server.start({ bin: echo_bin, serve: [], args });
const bytes = (...values) => Buffer.from(values);
const plain = (value) => JSON.parse(JSON.stringify(value, (_, v) => (v?.type === 'Buffer' ? { bytes: v.data } : v)));
const same = (a, b) => assert.deepEqual(plain(a), plain(b));

for (const reactors of [1, 2]) {
  describe(`echo server, reactors: ${reactors}`, () => {
    let server;
    before(async () => { server = await start('--reactors', String(reactors)); });
    after(() => server.stop());

    for (const { version, way, name } of matrix) {
      const open = (path = '', more = {}) => new Client(server.url, { version, way, path, auth: { token: 'x' }, ...more });
      const heard = (client, event) => new Promise((done) => client.socket.once(event, (...args) => done(args)));

      describe(name, () => {
        it('events come back with their arguments, also attachments', async () => {
          const client = open();
          await client.event('#connect');
          for (const args of [[1, '2', { 3: [false, null] }], ['\u00e9\u20ac\u{1F98A}'], [bytes(1, 2), { deep: [bytes(3), 'x'] }], [bytes()]]) {
            const back = heard(client, 'message-back');
            client.socket.emit('message', ...args);
            same(await back, args);
          }
          client.socket.close();
        });

        it('acks go both ways, with attachments', async () => {
          const client = open();
          await client.event('#connect');
          for (const args of [['a', 1], [bytes(9, 8), 'b']]) {
            same(await new Promise((done) => client.socket.emit('message-with-ack', ...args, (...back) => done(back))), args);
            client.socket.once('emit-with-ack', (...asked) => { const answer = asked.pop(); answer('answer', ...asked); });
            const back = heard(client, 'message-back');
            client.socket.emit('emit-with-ack', ...args);
            same(await back, ['answer', ...args]);
          }
          client.socket.close();
        });

        it('the server sends attachments of its own', async () => {
          const client = open();
          await client.event('#connect');
          const sent = heard(client, 'binary');
          client.socket.emit('send-binary');
          same(await sent, [{ a: bytes(1, 2, 3), b: [bytes(4)] }]);
          client.socket.close();
        });

        it('a burst keeps its order through whatever the transport does', async () => {
          const client = open();
          const back = [];
          client.socket.on('message-back', (n, data) => back.push([n, data?.length]));
          const all = new Promise((done) => client.socket.on('message-back', () => back.length === 200 && done()));
          for (let n = 0; n < 200; ++n) client.socket.emit('message', n, n % 3 ? undefined : Buffer.alloc(n));
          await all;
          assert.deepEqual(back.map(([n]) => n), Array.from({ length: 200 }, (_, n) => n));
          client.socket.close();
        });

        it('another namespace is one of its own, and one that refuses says why', async () => {
          const custom = open('/custom');
          await custom.event('#connect');
          const back = heard(custom, 'message-back');
          custom.socket.emit('message', 'hi');
          same(await back, ['hi']);
          custom.socket.close();
          const refused = open('/refuse');
          assert.equal((await refused.event('#refused')).code, 'refused');
          refused.socket.close();
        });

        if (version !== 'v2') it('the handshake\'s auth arrives', async () => {
          const client = open();
          assert.deepEqual(await client.event('auth'), { token: 'x' });
          client.socket.close();
        });

        it('a DISCONNECT of the server is final, a closed connection is not', async () => {
          const left = open();
          await left.event('#connect');
          left.socket.emit('leave');
          assert.equal(await left.event('#disconnect'), 'io server disconnect');
          left.socket.close();
          const closed = open();
          await closed.event('#connect');
          closed.socket.emit('close');
          assert.notEqual(await closed.event('#disconnect'), 'io server disconnect');
          await closed.event('#connect', () => closed.connects === 2);
          closed.socket.close();
        });
      });
    }
  });
}

describe('heartbeat', () => {
  let server;
  before(async () => { server = await start('--ping-interval-ms', '150', '--ping-timeout-ms', '2000'); });
  after(() => server.stop());

  for (const { version, way, name } of matrix) it(`${name}: many intervals long nobody leaves`, async () => {
    const client = new Client(server.url, { version, way });
    await client.event('#connect');
    const pings = new Promise((done) => {
      let seen = 0;
      const { engine } = client.socket.io;
      engine.on('packet', ({ type }) => { if (/^p[io]ng$/.test(type) && ++seen === 8) done(); });
    });
    await pings;
    assert.ok(!client.entries.some(({ event }) => event === '#disconnect'));
    client.socket.close();
  });
});
