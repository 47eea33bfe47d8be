// `kith store check`, `backup` and `restore` beside a server, and what clients see who know more than the backup does.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { Server } from '../support/server.mjs';

let server;
let crowd;
let copy;
const acked = [];

before(async () => {
  server = await Server.start();
  crowd = new Crowd(server.url);
  copy = join(server.data, 'copy.db');
});
after(async () => { crowd.close(); await server.stop(); });

/** A command that fails: {code, err}. */
const failing = (...words) => server.run(...words).then((out) => { throw new Error(`it should fail: ${out}`); }, ({ code, stderr }) => ({ code, err: stderr }));

describe('the files of the store', () => {
  it('are backed up while it is written: what was acknowledged before is in the copy', async () => {
    const ann = await crowd.join({ user: 'ann', device: 'a' });
    const bob = await crowd.join({ user: 'bob', device: 'b' });
    const group = await ann.call('conversation.create', { kind: 'group', title: 'Crew', members: ['bob'] });
    let ended = false;
    const talk = (async () => {
      for (let i = 0; !ended; i += 1) acked.push(await ann.call('message.send', { cid: group.cid, text: `m${i}`, client_id: `c${i}` }));
    })();
    await bob.event('message.new', ({ seq }) => seq === 100);
    const before = acked.length;
    assert.match(await server.run('store', 'backup', copy), /backed up to/);
    ended = true;
    await talk;
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    assert.match(await server.run('store', 'check', copy), /^good: /);
    assert.match(await server.run('store', 'check'), /^good: /);
    acked.splice(before);
    acked.cid = group.cid;
    assert.ok(acked.length >= 99);
    const again = await failing('store', 'backup', copy);
    assert.deepEqual([again.code, /--force/.test(again.err)], [1, true]);
    await server.run('store', 'backup', join(server.data, 'other.db'));
  });

  it('are not restored under a running server', async () => {
    const { code, err } = await failing('store', 'restore', copy);
    assert.deepEqual([code, /in use/.test(err)], [1, true], err);
  });

  it('restored, reset a client that knows more, who then hears what comes', async () => {
    const ann = crowd.clients[0];
    const { epoch } = await ann.hello();
    // After the backup: known to ann's client, and gone.
    const lost = await ann.call('message.send', { cid: acked.cid, text: 'after the backup', client_id: 'late' });
    crowd.close();
    await server.stop({ keep_data: true });
    assert.match(await server.run('store', 'restore', copy), /the former database is kept: /);
    const kept = readdirSync(server.data).find((name) => name.includes('before-restore'));
    assert.match(await server.run('store', 'check', join(server.data, kept)), /^good: /);
    await server.restart();
    const back = crowd.add({ auth: { user: 'ann', device: 'a', epoch, cursors: [{ cid: acked.cid, seq: lost.seq }] } });
    await back.event('session.reset');
    assert.notEqual((await back.hello()).epoch, epoch);
    for (const { id, seq } of acked) await back.event('message.new', (m) => m.id === id && m.seq === seq);
    const history = await back.history(acked.cid);
    assert.deepEqual(history.map(({ seq }) => seq), history.map((_, i) => i + 1));
    assert.ok(!history.some(({ id }) => id === lost.id));
    // The same retried is stored at a place of its own, and a message of another is heard.
    const retried = await back.call('message.send', { cid: acked.cid, text: 'after the backup', client_id: 'late' });
    assert.deepEqual([retried.duplicate, retried.id], [false, lost.id]);
    const bob = await crowd.join({ user: 'bob', device: 'b' });
    const fresh = await bob.call('message.send', { cid: acked.cid, text: 'later' });
    await back.event('message.new', ({ id }) => id === fresh.id);
    assert.match(await server.run('store', 'check'), /^good: /);
    assert.ok(existsSync(copy));
  });

  it('are named when they are not there', async () => {
    const { code, err } = await failing('store', 'check', join(server.data, 'none.db'));
    assert.deepEqual([code, /no such file/.test(err)], [1, true], err);
  });
});
