// The official clients, each version by each way of transport, against one server: connect, refuse, events, acks, binary.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd, matrix } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';
import { once, until, within } from '../support/deadline.mjs';

let server;
let crowd;
let expired;
before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  expired = await server.token('late', { ttl_s: 1 });
  const { exp } = JSON.parse(Buffer.from(expired.split('.')[1], 'base64url'));
  await until(() => Date.now() > exp * 1000 + 1000, 'the token expires');
});
after(async () => { crowd.close(); await server.stop(); });

let people = 0;
const fresh = (name) => `${name}${++people}`;

/** The data of a refusal: v2 clients get it bare, newer ones as `data` of connect_error. */
async function refusal(options) {
  const client = crowd.add(options);
  const error = await client.refused();
  client.close();
  return error;
}

for (const way of matrix) {
  describe(way.name, () => {
    it('connects and is greeted', async () => {
      const user = fresh('ann');
      const client = await crowd.join({ ...way, user, device: 'phone' });
      const hello = await client.hello();
      assert.equal(hello.user, user);
      assert.equal(hello.app, 'default');
      assert.match(hello.user_cid, /^c_[\w-]{22}$/);
      assert.equal(typeof hello.epoch, 'string');
      assert.equal(typeof hello.session, 'string');
      assert.match(hello.server_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(typeof hello.limits, 'object');
      assert.ok(hello.features);
      assert.equal(client.entries.find(({ event }) => !event.startsWith('#')).event, 'hello', 'hello comes before every other event');
      await client.settled();
      assert.equal(client.transport, way.way === 'polling' ? 'polling' : 'websocket');
      assert.ok(client.socket.id);
      client.close();
    });

    it('connects with a signed token', async () => {
      const user = fresh('tom');
      const client = await crowd.join({ ...way, token: await server.token(user) });
      assert.equal((await client.hello()).user, user);
      client.close();
    });

    it('refuses nobody, a name too long, a forged and an expired token, each with a code', async () => {
      const forged = `${expired.split('.').slice(0, 2).join('.')}.${'A'.repeat(43)}`;
      assert.equal((await refusal({ ...way, auth: {} })).code, 'unauthenticated');
      assert.equal((await refusal({ ...way, user: 'x'.repeat(65) })).code, 'unauthenticated');
      assert.equal((await refusal({ ...way, token: forged })).code, 'unauthenticated');
      assert.equal((await refusal({ ...way, token: 'no token at all' })).code, 'unauthenticated');
      const late = await refusal({ ...way, token: expired });
      assert.equal(late.code, 'token_expired');
      assert.equal(typeof late.message, 'string');
    });

    it('delivers one to one, both ways', async () => {
      const [ann, bob] = [await crowd.join({ ...way, user: fresh('ann') }), await crowd.join({ ...way, user: fresh('bob') })];
      const there = await ann.call('message.send', { to: bob.user, client_id: 'a1', text: 'hi bob \u2713 \u{1F98A}' });
      const got = await bob.event('message.new', ({ id }) => id === there.id);
      assert.deepEqual([got.cid, got.seq, got.no, got.sender, got.text, got.client_id, got.type], [there.cid, there.seq, there.no, ann.user, 'hi bob \u2713 \u{1F98A}', 'a1', 'text']);
      assert.equal(got.ts, there.ts);
      const back = await bob.call('message.send', { cid: there.cid, client_id: 'b1', text: 'hi ann' });
      const came = await ann.event('message.new', ({ id }) => id === back.id);
      assert.deepEqual([came.seq, came.no, came.sender, came.text], [there.seq + 1, there.no + 1, bob.user, 'hi ann']);
      assert.deepEqual(ann.heard('message.new').map(({ id }) => id), [back.id], 'the sender gets the ack instead of the event');
      ann.close(); bob.close();
    });

    it('delivers in a group, to everyone but the connection that sent', async () => {
      const members = [await crowd.join({ ...way, user: fresh('ann') }), await crowd.join({ ...way, user: fresh('bob') }), await crowd.join({ ...way, user: fresh('eve') })];
      const [first, ...others] = members;
      const group = await first.call('conversation.create', { kind: 'group', title: 'Crew', members: others.map(({ user }) => user) });
      assert.equal(group.kind, 'group');
      assert.equal(group.title, 'Crew');
      assert.equal(group.role, 'owner');
      assert.equal(group.members, 3);
      for (const other of others) assert.equal((await other.event('conversation.added')).conversation.cid, group.cid);
      const sent = [];
      for (const member of members) sent.push((await member.call('message.send', { cid: group.cid, text: `from ${member.user}` })).id);
      for (const [i, member] of members.entries()) {
        for (const [j, id] of sent.entries()) if (i !== j) await member.event('message.new', (message) => message.id === id);
        assert.deepEqual(member.heard('message.new').map(({ id }) => id), sent.filter((_, j) => j !== i));
      }
      for (const member of members) member.close();
    });

    it('shows a message to the other device of its sender', async () => {
      const user = fresh('ann');
      const [phone, laptop] = [await crowd.join({ ...way, user, device: 'phone' }), await crowd.join({ ...way, user, device: 'laptop' })];
      const sent = await phone.call('message.send', { to: fresh('bob'), text: 'from my phone' });
      assert.equal((await laptop.event('message.new', ({ id }) => id === sent.id)).sender, user);
      phone.close(); laptop.close();
    });

    it('answers every command with an ack, good or bad, also many at once in order', async () => {
      const client = await crowd.join({ ...way, user: fresh('ann') });
      assert.equal((await client.ask('time', {})).ok, true);
      const nothing = await client.ask('no.such_event', {});
      assert.equal(nothing.ok, false);
      assert.equal(nothing.error.code, 'unknown_event');
      assert.equal(typeof nothing.error.message, 'string');
      assert.equal(nothing.error.retryable, false);
      assert.equal(await client.code('message.send', {}), 'validation_failed');
      assert.equal(await client.code('message.send', { cid: 'c_AAAAAAAAAAAAAAAAAAAAAA', text: 'x' }), 'not_found');
      const to = fresh('bob');
      const acks = await Promise.all(Array.from({ length: 50 }, (_, i) => client.call('message.send', { to, text: `${i}` })));
      assert.deepEqual(acks.map(({ seq }) => seq), acks.map((_, i) => i + 1));
      client.close();
    });

    it('stores a retried message once and says so', async () => {
      const client = await crowd.join({ ...way, user: fresh('ann') });
      const body = { to: fresh('bob'), client_id: 'same', text: 'once' };
      const [one, two] = [await client.call('message.send', body), await client.call('message.send', body)];
      assert.equal(one.duplicate, false);
      assert.deepEqual(two, { ...one, duplicate: true });
      assert.equal(await client.code('message.send', { ...body, text: 'another' }), 'conflict');
      assert.equal((await client.history(one.cid)).length, 1);
      client.close();
    });

    it('takes events without a callback', async () => {
      const [ann, bob] = [await crowd.join({ ...way, user: fresh('ann') }), await crowd.join({ ...way, user: fresh('bob') })];
      ann.socket.emit('message.send', { to: bob.user, text: 'no ack wanted' });
      await bob.event('message.new', ({ text }) => text === 'no ack wanted');
      ann.close(); bob.close();
    });

    it('relays binary in a room as it came, and a copy to the sender who asks', async () => {
      const room = fresh('room');
      const [ann, bob] = [await crowd.join({ ...way, user: fresh('ann') }), await crowd.join({ ...way, user: fresh('bob') })];
      await ann.call('room.join', { room });
      await bob.call('room.join', { room });
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
      const data = { note: 'é', all: [bytes, { empty: Buffer.alloc(0) }], small: Buffer.from([0, 0x1e, 0xff]), n: 1.5, none: null };
      assert.equal((await ann.ask('room.send', { room, op: 7, data, echo: true })).ok, true);
      for (const client of [ann, bob]) {
        const got = await client.event('room.data', (body) => body.room === room);
        assert.deepEqual([got.from, got.op], [ann.user, 7]);
        assert.ok(Buffer.from(got.data.all[0]).equals(bytes));
        assert.equal(got.data.all[1].empty.byteLength ?? got.data.all[1].empty.length, 0);
        assert.ok(Buffer.from(got.data.small).equals(data.small));
        assert.deepEqual([got.data.note, got.data.n, got.data.none], ['é', 1.5, null]);
      }
      ann.close(); bob.close();
    });

    it('relays ten attachments, and text at once behind them', async () => {
      const room = fresh('room');
      const client = await crowd.join({ ...way, user: fresh('ann') });
      await client.call('room.join', { room });
      const parts = Array.from({ length: 10 }, (_, i) => Buffer.alloc(100 + i, i));
      client.socket.emit('room.send', { room, data: parts, echo: true });
      client.socket.emit('room.send', { room, data: 'behind', echo: true });
      await client.event('room.data', ({ data }) => data === 'behind');
      const [first, second] = client.heard('room.data');
      assert.ok(parts.every((part, i) => Buffer.from(first.data[i]).equals(part)));
      assert.equal(second.data, 'behind');
      client.close();
    });

    it('lets a client send to a room and leave it as soon as it has asked to join, without waiting', async () => {
      const [ann, bob] = [await crowd.join({ ...way, user: fresh('ann') }), await crowd.join({ ...way, user: fresh('bob') })];
      const rooms = Array.from({ length: 8 }, () => fresh('room'));   // at home on every reactor
      for (const room of rooms) await bob.call('room.join', { room });
      const answers = await Promise.all(rooms.flatMap((room) => [ann.ask('room.join', { room }), ann.ask('room.send', { room, data: 'at once', echo: true }), ann.ask('room.leave', { room }), ann.ask('room.send', { room, data: 'too late' })]));
      for (const [i, { ok, error }] of answers.entries()) assert.equal(i % 4 === 3 ? error.code : ok, i % 4 === 3 ? 'not_member' : true, JSON.stringify(error));
      for (const room of rooms) {
        await bob.event('room.left', (body) => body.room === room && body.user === ann.user);
        assert.deepEqual(bob.heard('room.data', (body) => body.room === room).map(({ data }) => data), ['at once']);
        assert.deepEqual((await bob.call('room.join', { room })).users, [bob.user]);
      }
      ann.close(); bob.close();
    });

    it('shows who is in a room, and tells of those who come and go', async () => {
      const room = fresh('room');
      const ann = await crowd.join({ ...way, user: fresh('ann') });
      await ann.call('room.join', { room });
      const bob = await crowd.join({ ...way, user: fresh('bob') });
      const roster = await bob.call('room.join', { room });
      const users = (roster.users ?? roster.members).map((one) => one.user ?? one);
      assert.deepEqual([...users].sort(), [ann.user, bob.user].sort());
      assert.equal((await ann.event('room.joined', (body) => body.room === room)).user, bob.user);
      bob.close();
      assert.equal((await ann.event('room.left', (body) => body.room === room)).user, bob.user);
      ann.close();
    });

    it('ends when the client leaves', async () => {
      const client = await crowd.join({ ...way, user: fresh('ann') });
      await client.settled();
      const gone = once(client.socket, 'disconnect');
      client.socket.disconnect();
      assert.deepEqual((await within(gone, 'disconnect'))[0], 'io client disconnect');
      client.close();
    });

    it('closes a live connection whose token expires so that the client comes back by itself', async () => {
      const user = fresh('tim');
      const client = crowd.add({ ...way, token: await server.token(user, { ttl_s: 2 }) });
      await client.hello();
      const said = await client.event('session.closed');
      assert.equal(said.code, 'token_expired');
      assert.equal(said.retry, true);
      const reason = await client.event('#disconnect');
      assert.notEqual(reason, 'io server disconnect');
      const error = await client.refused();
      assert.equal(error.code, 'token_expired');
      client.close();
    });
  });
}
