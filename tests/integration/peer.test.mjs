// The Node.js server that Kith is measured against: a benchmark against something that loses messages would prove nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { install_peer, peer_folder } from '../../bench/peers/install.mjs';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

const install_ms_max = 300_000;

const start = (...args) => Server.start({ bin: process.execPath, serve: [join(peer_folder, 'server.mjs')], args });

async function post(server, path, user, body) {
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', 'on-behalf-of': user }, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

describe('the peer', { timeout: install_ms_max }, () => {
  before(() => install_peer({ timeout: install_ms_max }));

  for (const groups of ['map', 'rooms']) {
    describe(`with SQLite, acknowledged after the commit, groups by ${groups}`, () => {
      let server;
      let crowd;
      before(async () => { server = await start('--store', 'sqlite', '--ack', 'commit', '--groups', groups); crowd = new Crowd(server.url); });
      after(async () => { crowd.close(); await server.stop(); });

      it('brings a message to the other one of a pair and has it in the history', async () => {
        const ann = await crowd.join({ user: 'ann' });
        const bob = await crowd.join({ user: 'bob' });
        const ack = await ann.call('message.send', { to: 'bob', text: 'hi', client_id: 'm1' });
        const heard = await bob.event('message.new');
        assert.deepEqual([heard.id, heard.cid, heard.sender, heard.text], ['m1', ack.cid, 'ann', 'hi']);
        const page = await bob.call('message.history', { to: 'ann' });
        assert.deepEqual(page.messages.map(({ text }) => text), ['hi']);
      });

      it('brings a message to all others of a group that was made over HTTP, and not to its sender', async () => {
        const made = await post(server, '/v1/conversations', 'ann', { kind: 'group', external_id: 'crew', members: ['bob', 'cyd'] });
        assert.equal(made.status, 201);
        const [ann, bob, cyd] = await Promise.all(['ann', 'bob', 'cyd'].map((user) => crowd.join({ user })));
        await ann.call('message.send', { external_id: 'crew', text: 'all', client_id: 'g1' });
        const of_crew = ({ cid }) => cid === made.body.cid;
        for (const client of [bob, cyd]) assert.equal((await client.event('message.new', of_crew)).text, 'all');
        assert.equal(ann.heard('message.new', of_crew).length, 0);
      });

      it('keeps what nobody was there to hear until he comes', async () => {
        const ann = await crowd.join({ user: 'ann' });
        await ann.call('message.send', { to: `late-${groups}`, text: 'later', client_id: 'p1' });
        const late = await crowd.join({ user: `late-${groups}` });
        assert.equal((await late.event('message.new')).text, 'later');
      });

      it('relays what is said in a room, binary as it came', async () => {
        const [ann, bob] = await Promise.all(['ann', 'bob'].map((user) => crowd.join({ user })));
        await ann.call('room.join', { room: 'r' });
        assert.equal((await bob.call('room.join', { room: 'r' })).total, 2);
        await ann.call('room.send', { room: 'r', op: 3, data: Buffer.from([1, 2, 3]) });
        const { from, op, data } = await bob.event('room.data');
        assert.deepEqual([from, op, [...data]], ['ann', 3, [1, 2, 3]]);
      });

      it('passes on typing, reading and presence, and refuses what it does not know', async () => {
        const [ann, bob] = await Promise.all(['ann', 'bob'].map((user) => crowd.join({ user })));
        await ann.call('typing.start', { to: 'bob' });
        assert.equal((await bob.event('typing.start')).user, 'ann');
        const { cid } = await bob.event('typing.start');
        await bob.call('receipt.read', { cursors: [{ cid, seq: 1 }] });
        assert.deepEqual((await ann.event('message.read')).members, [{ user: 'bob', read_seq: 1 }]);
        await ann.call('presence.subscribe', { users: ['dan'] });
        await crowd.join({ user: 'dan' });
        assert.equal((await ann.event('presence.changed')).status, 'online');
        assert.equal(await ann.code('poll.create', {}), 'unknown_event');
      });
    });
  }

  it('asks for a token when it has a key to check it with', async () => {
    const server = await start('--key', 'secret');
    const crowd = new Crowd(server.url);
    try {
      assert.equal((await crowd.add({ user: 'ann' }).refused()).code, 'unauthenticated');
    } finally { crowd.close(); await server.stop(); }
  });

  it('says what it can not be started with', () => {
    const run = () => execFileSync(process.execPath, [join(peer_folder, 'server.mjs'), '--store', 'paper'], { stdio: 'pipe' });
    assert.throws(run, (error) => error.status === 2 && /--store paper: say one of none, sqlite, postgres/.test(error.stderr.toString()));
  });
});
