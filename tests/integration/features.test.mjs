// Features switched off by configuration: two applications of one server differ, and nothing of what one does without is heard there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { ask_all, chat, expected, folders } from '../support/features.mjs';
import { Server } from '../support/server.mjs';

const config = `
[apps.quiet]
features = {receipts = false, typing = false, presence = false, rooms = false}
[apps.some.features]
receipts = false
rooms = false
`;
const on = { loud: folders, some: ['presence', 'typing'], quiet: [] };
const names = Object.keys(on);
const folder = mkdtempSync(join(tmpdir(), 'kith-features-'));
let server;
let crowd;
const apps = {};   // name → {ann, bob, place}

before(async () => {
  writeFileSync(join(folder, 'kith.toml'), config);
  server = await Server.start({ serve: ['serve', '--config', join(folder, 'kith.toml')] });
  crowd = new Crowd(server.url);
  for (const name of names) {
    await server.run('app', 'create', name);
    await server.run('app', 'key', 'add', name, '--kind', 'signing');
    const people = {};
    for (const user of ['ann', 'bob']) people[user] = await crowd.join({ token: await server.token(user, { app: name }), device: 'phone' });
    apps[name] = { ...people, place: await chat(people.ann, people.bob) };
  }
});
after(async () => {
  crowd.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function rest(app, method, path, body) {
  const headers = { authorization: `Bearer ${await server.token('ann', { app })}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(server.url + path, { method, headers, body: body && JSON.stringify(body) });
  return response.ok ? 'ok' : `${response.status} ${(await response.json()).code}`;
}

describe('an application', () => {
  it('is told what it has', async () => {
    for (const name of names) assert.deepEqual([...(await apps[name].ann.hello()).features].sort(), [...on[name]].sort());
  });

  it('is refused what it does without, and nothing else', async () => {
    for (const name of names) assert.deepEqual(await ask_all(apps[name].ann, apps[name].place), expected(on[name]), name);
  });

  it('is refused it over REST too', async () => {
    for (const name of names) {
      const has = (feature) => (on[name].includes(feature) ? 'ok' : '403 feature_disabled');
      assert.equal(await rest(name, 'GET', '/v1/presence?user=bob'), has('presence'));
      assert.equal(await rest(name, 'POST', `/v1/conversations/${apps[name].place.cid}/read`, { seq: 1 }), has('receipts'));
      assert.equal(await rest(name, 'GET', `/v1/conversations/${apps[name].place.cid}`), 'ok');
    }
  });

  it('hears nothing of it, while another hears it all', async () => {
    const quiet_first = [...names].reverse();   // what loud hears at last, the others would have heard before
    const marks = Object.fromEntries(names.map((name) => [name, apps[name].ann.mark]));
    for (const name of quiet_first) {
      const { ann, bob, place } = apps[name];
      await ann.ask('presence.subscribe', { users: ['bob'] });
      await ann.ask('room.join', { room: 'hall' });
      await bob.ask('room.join', { room: 'hall' });
      await bob.ask('room.send', { room: 'hall', data: 1 });
      await bob.ask('typing.start', place);
      await bob.ask('presence.set', { status: 'busy' });
      const { seq } = await ann.call('message.send', { ...place, text: 'read this' });
      await bob.event('message.new', (message) => message.seq === seq);
      await bob.ask('receipt.read', { cursors: [{ cid: place.cid, seq }] });
    }
    const events = { receipts: ['message.delivered', 'message.read'], typing: ['typing.start'], presence: ['presence.changed'], rooms: ['room.joined', 'room.data'] };
    for (const name of ['loud', 'some'])
      for (const feature of on[name])
        for (const event of events[feature]) await apps[name].ann.event(event, () => true, { since: marks[name] });
    for (const name of names) {
      const heard = new Set(apps[name].ann.entries.slice(marks[name]).map(({ event }) => event));
      for (const [feature, of_one] of Object.entries(events))
        if (!on[name].includes(feature)) for (const event of of_one) assert.ok(!heard.has(event), `${name} hears ${event}`);
    }
  });
});
