// SIGHUP: the configuration is read again; what may change does, with everybody connected.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kith-reload-'));
const file = join(folder, 'kith.toml');
let server;
let crowd;
let ann;

/** Writes the file, sends the signal, gives what the log says since. */
async function reload(text, pattern = /event=configuration_read.*\n/) {
  const { length } = server.log;
  writeFileSync(file, text);
  server.process.kill('SIGHUP');
  await until(() => pattern.exec(server.log.slice(length)), () => `${pattern} in\n${server.log.slice(length)}`);
  return server.log.slice(length);
}

const limits = async () => (await fetch(`${server.url}/v1/limits`)).json();

before(async () => {
  writeFileSync(file, '[apps.shop]\ntext_bytes_max = 100\n');
  server = await Server.start({ serve: ['serve'], args: ['--config', file] });
  await server.run('app', 'create', 'shop');
  await server.run('app', 'key', 'add', 'shop', '--kind', 'signing');
  crowd = new Crowd(server.url);
  ann = await crowd.join({ token: await server.token('ann', { app: 'shop' }) });
});
after(async () => { crowd.close(); await server.stop(); rmSync(folder, { recursive: true }); });

describe('a configuration read again', () => {
  it('changes the limits of applications for who is connected', async () => {
    const text = 'x'.repeat(60);
    await ann.call('message.send', { to: 'bob', text });
    const said = await reload('[apps.shop]\ntext_bytes_max = 50\n');
    assert.match(said, /changed=apps\.shop needs_restart=none\n/);
    assert.equal(await ann.code('message.send', { to: 'bob', text }), 'too_large');
    await reload('[app_defaults]\ntext_bytes_max = 70\n');
    await ann.call('message.send', { to: 'bob', text });
    assert.equal(await ann.code('message.send', { to: 'bob', text: text + text }), 'too_large');
    assert.equal(ann.connects, 1);
  });

  it('changes the limits of the server, and those it shows', async () => {
    await reload('[limits]\nuser_messages_per_s = 3\ncatchup_events_max = 77\n');
    await until(async () => (await limits()).catchup_events_max === 77, 'the limits are shown');
    assert.equal((await limits()).user_messages_per_s, 3);
    const bob = await crowd.join({ token: await server.token('bob', { app: 'shop' }) });
    const acks = await Promise.all(Array.from({ length: 10 }, (_, i) => bob.ask('message.send', { to: 'ann', text: `${i}` })));
    assert.ok(acks.some(({ ok, error }) => !ok && error.code === 'rate_limited'), JSON.stringify(acks));
  });

  it('switches features for who is connected, and they end with his connection', async () => {
    await reload('[app_defaults]\nfeatures.rooms = false\n');
    const kim = await crowd.join({ token: await server.token('kim', { app: 'shop' }) });
    assert.equal(await kim.code('room.join', { room: 'hall' }), 'feature_disabled');
    await reload('[app_defaults]\nfeatures.rooms = true\n');
    await kim.call('room.join', { room: 'hall' });
    assert.deepEqual((await ann.call('room.join', { room: 'hall' })).users.sort(), ['ann', 'kim']);
    kim.close();
    await ann.event('room.left', ({ user }) => user === 'kim');
    assert.deepEqual((await ann.call('room.join', { room: 'hall' })).users, ['ann']);
    await ann.call('room.leave', { room: 'hall' });
  });

  it('changes how much is logged', async () => {
    await reload('[log]\nlevel = "error"\n', /^$/);
    await until(async () => (await limits()).catchup_events_max === 10_000, 'it is in effect');
    assert.match(await reload('[log]\nlevel = "info"\n'), /changed=log\.level /);
  });

  it('names what needs a restart, once, and leaves it as it is', async () => {
    const said = await reload('[server]\nlisten = "127.0.0.1:1"\n[socketio]\nping_interval_ms = 1234\n[limits]\ncatchup_events_max = 5\n');
    assert.match(said, /changed=limits\.catchup_events_max needs_restart=socketio\.ping_interval_ms\n/, 'the command line wins over the file for server.listen');
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  });

  it('that is broken changes nothing, and the log says why', async () => {
    const said = await reload('[limits]\ncatchup_events_max = 9\ncatchup = 1\n', /event=configuration_refused.*\n/);
    assert.match(said, /unknown setting limits\.catchup; did you mean/);
    assert.equal((await limits()).catchup_events_max, 5);
    await reload('[limits\n', /event=configuration_refused.*kith\.toml:/);
    rmSync(file);
    const { length } = server.log;
    server.process.kill('SIGHUP');
    await until(() => /event=configuration_refused.*can not be read/.test(server.log.slice(length)), 'a missing file is refused');
    assert.equal((await limits()).catchup_events_max, 5);
  });
});
