// The bare relay that Kith's fan-out is compared with: it has to deliver, or it would be no limit of anything.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Peer } from '../../bench/load/wire.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

const relay = resolve(dirname(fileURLToPath(import.meta.url)), '../../build/release/epoll_relay');

describe('the bare relay', () => {
  let server;
  const peers = [];
  before(async () => { server = await Server.start({ bin: relay, serve: [], args: ['--frames', '3'] }); });
  after(async () => { for (const peer of peers) peer.cut(); await server.stop(); });

  async function member(user) {
    const peer = new Peer(server.port, { user }, { on_message: (text) => peer.heard.push(JSON.parse(text).text) });
    peer.heard = [];
    peers.push(peer);
    await peer.connect();
    return peer;
  }

  const group = async (path, owner, body) => {
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'on-behalf-of': owner }, body: JSON.stringify(body) });
    assert.equal(answer.status, 201);
    await answer.text();
  };

  it('brings each message of a member to the others, in order, whether its write is full or not, and acknowledges it', async () => {
    await group('/v1/conversations', 'ann', { external_id: 'crew', members: ['bob'] });
    await group('/v1/conversations/ext:crew/members', 'ann', { users: ['cyd'] });
    const [ann, bob, cyd] = [await member('ann'), await member('bob'), await member('cyd')];
    const texts = Array.from({ length: 10 }, (_, i) => `text ${i}`);
    await Promise.all(texts.map((text) => ann.call('message.send', { external_id: 'crew', text, client_id: text })));
    await until(() => bob.heard.length === 10 && cyd.heard.length === 10, 'both hear all ten');
    assert.deepEqual([bob.heard, cyd.heard, ann.heard], [texts, texts, []]);
  });

  it('takes a frame of more than 125 bytes and refuses a group that nobody made', async () => {
    const dan = await member('dan');
    await assert.rejects(dan.call('message.send', { external_id: 'nowhere', text: 'x'.repeat(500) }), /not_found/);
  });

  it('says what it takes when it is started with something else', () => {
    const { status, stderr } = spawnSync(relay, ['--frames', '0'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /--frames 1-10000/);
  });
});
