// docs/examples.md is played scene by scene; what docs/protocol.md names has to occur in it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Crowd } from '../support/clients.mjs';
import { Disk } from '../support/disk.mjs';
import { documented, root } from '../support/documents.mjs';
import { make } from '../support/jwt.mjs';
import { Server } from '../support/server.mjs';
import { letter, send_until_closed } from '../support/slow_reader.mjs';
import { cast_of, compare, filled, Scene, scenes_of, user_of } from './chat.mjs';

const page = readFileSync(join(root, 'docs/examples.md'), 'utf8');
const scenes = scenes_of(page);
const hour_s = 3600;

/** The application of a scene; all are called shop where the page can tell. */
async function found_app(server, name) {
  await server.run('app', 'create', name);
  const key = async (kind) => JSON.parse(await server.run('app', 'key', 'add', name, '--kind', kind, '--json'));
  return { ...await key('signing'), server_key: (await key('server')).secret };
}

/** As the application's backend asks: the body of the answer. */
async function request(server, key, [method, path, behalf, body]) {
  const headers = { Authorization: `Bearer ${key.server_key}`, ...(behalf && { 'On-Behalf-Of': behalf }), ...(body && { 'Content-Type': 'application/json' }) };
  return (await fetch(server.url + path, { method, headers, body: body && JSON.stringify(body) })).json();
}

function token_of(scene, app, key, user, ttl_s) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: app, sub: user, name: user[0].toUpperCase() + user.slice(1), exp: now + (ttl_s ?? hour_s) };
  const wish = scene.options.tokens?.[user];
  if (wish === 'none') return undefined;
  if (wish === 'expired') claims.exp = now - 60;
  return make({ alg: 'HS256', typ: 'JWT', kid: key.kid }, claims, wish === 'wrong' ? 'not the secret' : key.secret);
}

/** What nobody does by Kith: one message of the crew is not in the database any more. */
async function make_hole(server, seq) {
  await server.stop({ keep_data: true });
  const program = `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as file:
  gone = file.execute("DELETE FROM entry WHERE seq = ? AND conv = (SELECT id FROM conversation WHERE title = 'Crew')", (${seq},)).rowcount
sys.exit(gone != 1)`;
  await promisify(execFile)('python3', ['-c', program, join(server.data, 'kith.db')]);
  await server.restart();
}

/** He takes nothing of what the other says until the server has had enough. */
async function be_deaf(server, client, other, cid) {
  const wire = client.socket.io.engine.transport.ws;
  wire.pause();
  await send_until_closed(server, (text) => other.call('message.send', { cid, text }));
  wire.resume();
}

async function make_crew(crowd, token, members, letters) {
  const owner = await crowd.join({ token: token(members[0]), device: 'before' });
  const { cid } = await owner.call('conversation.create', { kind: 'group', title: 'Crew', members: members.slice(1) });
  for (let n = 1; n <= letters; n += 1) await owner.call('message.send', { cid, text: letter });
  owner.close();
  return cid;
}

async function play(scene, server, app, disk) {
  const crowd = new Crowd(server.url);
  const key = await found_app(server, app);
  const token = (user, ttl_s) => token_of(scene, app, key, user, ttl_s);
  const { crew, letters = 0, hole, deaf = {}, ttl_s = {}, busy = {}, pours = {}, disk_ms } = scene.options;
  const ids = new Map();
  try {
    if (crew) ids.set('c_Crew…', await make_crew(crowd, token, crew, letters));
    if (hole) await make_hole(server, hole);
    if (disk_ms) disk.slow(disk_ms);
    const join_one = async (who, auth) => crowd.add({ user: who, auth: { token: token(user_of(who), ttl_s[who]), device: who, ...auth } });
    if (page.includes('eyJAnn…')) ids.set('eyJAnn…', token('ann'));
    await new Scene(scene, {
      ids, join: join_one, request: (...what) => request(server, key, what),
      end_server: () => server.process.kill('SIGTERM'),
      begun: async (clients) => {
        // Who was told that he is in the crew listens to it.
        for (const [who, client] of clients) if (crew?.includes(user_of(who))) await client.event('conversation.added');
        if (scene.options.busy) disk.hold();
        for (const [who, count] of Object.entries(busy)) {
          for (let n = 0; n < count; n += 1) clients.get(who).socket.emit('message.send', { cid: ids.get('c_Crew…'), text: `${n}` }, () => {});
        }
        if (scene.options.busy) await disk.held();
        for (const [who, other] of Object.entries(deaf)) await be_deaf(server, clients.get(who), clients.get(other), ids.get('c_Crew…'));
        for (const [who, count] of Object.entries(pours)) for (let n = 0; n < count; n += 1) clients.get(who).socket.emit('time', {});
      },
    }).play();
  } finally {
    disk?.let_go();
    crowd.close();
  }
}

describe('the examples', () => {
  let shared;
  before(async () => { shared = await Server.start({ serve: ['serve'] }); });
  after(async () => { await shared.stop(); });

  for (const [n, scene] of scenes.entries()) {
    it(`scene ${n + 1}, ${scene.title}: ${[...new Set(scene.steps.map(({ event }) => event).filter(Boolean))].slice(0, 4).join(', ')}`, async () => {
      const { settings, disk_ms, busy, hole } = scene.options;
      const own = settings || disk_ms || busy || hole;
      const disk = disk_ms || busy ? new Disk() : undefined;
      const server = own ? await Server.start({ serve: ['serve'], env: { ...settings, ...disk?.env } }) : shared;
      try { await play(scene, server, own || n === 0 ? 'shop' : `shop-${n}`, disk); } finally { if (own) { await server.stop(); disk?.remove(); } }
    });
  }

  it('name every command and every event of the protocol, and nothing else', () => {
    const steps = scenes.flatMap((scene) => scene.steps);
    const of = (does) => [...new Set(steps.filter((step) => step.does === does).map(({ event }) => event))].sort();
    assert.deepEqual(of('emit').filter((name) => name !== 'message.sned'), documented('Client to server'));
    assert.deepEqual(of('hear').filter((name) => name !== 'hello'), documented('Server to client'));
  });

  it('show every error, as the table of errors has it', () => {
    const table = new Map([...readFileSync(join(root, 'src/base/fault.cpp'), 'utf8').matchAll(/\{Errc::\w+, "(\w+)", \d+, (true|false)\}/g)].map(([, code, retryable]) => [code, retryable === 'true']));
    const shown = scenes.flatMap((scene) => scene.steps).map(({ does, body }) => (does === 'refused' ? body : body?.error)).filter((error) => error?.code);
    assert.deepEqual([...new Set(shown.map(({ code }) => code))].sort(), [...table.keys()].sort());
    for (const error of shown) assert.equal(error.retryable, table.get(error.code), error.code);
    const named = readFileSync(join(root, 'docs/protocol.md'), 'utf8').split('\n## Errors\n')[1];
    for (const code of table.keys()) assert.ok(named.includes(`\`${code}\``), `docs/protocol.md does not name ${code}`);
  });

  it('of how a session ends have every code, as the table of codes has it', () => {
    const codes = new Map([...readFileSync(join(root, 'src/delivery/sink.cpp'), 'utf8').matchAll(/return \{"(\w+)", (true|false)\}/g)].map(([, code, retry]) => [code, retry]));
    const part = readFileSync(join(root, 'docs/protocol.md'), 'utf8').split('\n## How a session ends\n')[1].split('\n## ')[0];
    assert.deepEqual(new Map([...part.matchAll(/^\| `(\w+)` \| (true|false) \|/gm)].map(([, code, retry]) => [code, retry])), codes);
    const shown = new Set(scenes.flatMap((scene) => scene.steps).filter(({ event }) => event === 'session.closed').map(({ body }) => body.code));
    // One server by itself does not see that its database's history is another one now.
    assert.deepEqual([...codes.keys()].filter((code) => !shown.has(code)).sort(), ['epoch_changed']);
  });
});

describe('a scene', () => {
  const read = (text) => scenes_of(`## t\n\`\`\`chat\n${text}\n\`\`\`\n`)[0];
  const differs = (written, said, ids = new Map()) => assert.throws(() => compare(written, said, ids));

  it('is read line by line, with what belongs to a line below it', () => {
    const { steps } = read('ann > time {}\nann < {"ok": true,\n  "data": {}}\nbob < a.b {"c": 1}\nthe server ends');
    assert.deepEqual(steps.map(({ does }) => does), ['emit', 'answered', 'hear', 'end']);
    assert.deepEqual(steps[1].body, { ok: true, data: {} });
    assert.deepEqual(cast_of({ steps }), ['ann', 'bob']);
    const asked = read('the application > POST /v1/c_A…/x as ann {"a": 1}\nthe application > GET /v1/x\nthe application < {"b": 2}').steps;
    assert.deepEqual(asked, [{ does: 'request', method: 'POST', path: '/v1/c_A…/x', behalf: 'ann', body: { a: 1 } }, { does: 'request', method: 'GET', path: '/v1/x', behalf: undefined, body: undefined }, { does: 'told', body: { b: 2 } }]);
    assert.throws(() => read('the application asks'));
    assert.throws(() => read('ann says hi'));
    assert.throws(() => read('ann > time {'));
  });

  it('fits what has the same members, types and texts, and nothing else', () => {
    compare({ a: [1, 'x', null], after_ms: 5 }, { a: [1, 'x', null], after_ms: 77 }, new Map());
    differs({ a: 1 }, { a: 1, b: 2 });
    differs({ a: 1, b: 2 }, { a: 1 });
    differs({ a: 1 }, { a: '1' });
    differs({ a: 1 }, { a: 2 });
    differs({ a: 'x' }, { a: 'y' });
    differs({ a: null }, { a: {} });
    differs({ a: [1] }, { a: [1, 1] });
    differs({ t: '2026-01-01T10:00:00.123Z' }, { t: 'now' });
  });

  it('holds an id for the same wherever it is written', () => {
    const ids = new Map();
    const [one, two] = ['c_AAAAAAAAAAAAAAAAAAAAAA', 'c_BBBBBBBBBBBBBBBBBBBBBB'];
    compare({ cid: 'c_A…' }, { cid: one }, ids);
    compare({ cid: 'c_A…' }, { cid: one }, ids);
    differs({ cid: 'c_A…' }, { cid: two }, ids);
    differs({ cid: 'c_B…' }, { cid: one }, ids);
    differs({ cid: 'c_B…' }, { cid: 'c_short' }, ids);
    assert.deepEqual(filled({ a: ['c_A…'] }, ids), { a: [one] });
    assert.throws(() => filled('c_C…', ids));
  });
});
