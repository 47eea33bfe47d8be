// What it costs to start and to stand idle. A million messages stored are `make million`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { performance } from 'node:perf_hooks';
import { Crowd } from '../support/clients.mjs';
import { Server, kith_bin } from '../support/server.mjs';

const idle_bytes_max = 16 * 1024 * 1024;

async function restarted(server) {
  await server.stop({ keep_data: true });
  const began = performance.now();
  await server.restart();
  return performance.now() - began;
}

describe('a server that was just started', () => {
  it('has nothing to complain of where it may use some of the processors only', () => {
    const { status, stderr } = spawnSync('taskset', ['-c', '0', kith_bin, '--help'], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(stderr, '');
  });

  it('stands idle in less than 16 MB, with an empty database and with messages in it', async () => {
    const server = await Server.start();
    try {
      assert.ok(server.resident_bytes() < idle_bytes_max, `empty: ${server.resident_bytes()} bytes`);
      const crowd = new Crowd(server.url);
      const ann = await crowd.join({ user: 'ann' });
      for (let i = 0; i < 20; i += 1) await Promise.all(Array.from({ length: 100 }, (_, k) => ann.call('message.send', { to: `bob${k}`, text: `${i} ${k}` })));
      crowd.close();
      await restarted(server);
      assert.ok(server.resident_bytes() < idle_bytes_max, `with messages: ${server.resident_bytes()} bytes`);
    } finally { await server.stop(); }
  });

  it('answers once it has said that it listens, and logs the limit of open files', async () => {
    const server = await Server.start();
    try {
      assert.equal((await fetch(server.url)).status, 200);
      assert.match(server.log, /open_files_max=\d+/);
    } finally { await server.stop(); }
  });
});
