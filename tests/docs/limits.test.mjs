// docs/limits.md against the server: what GET /v1/limits says, and the settings of the reference.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { root } from '../support/documents.mjs';
import { http } from '../support/raw.mjs';
import { Server } from '../support/server.mjs';
import { shell } from './blocks.mjs';

const part = (heading) => readFileSync(join(root, 'docs/limits.md'), 'utf8').split(`\n## ${heading}\n`)[1].split('\n## ')[0];
const rows = (text) => [...text.matchAll(/^\| `([\w.]+)` \| ([^|]*) \| ([^|]*) \|$/gm)].map(([, name, value, beyond]) => ({ name, value: value.trim(), beyond: beyond.trim() }));
const units = { KiB: 1024, MiB: 1024 ** 2, s: 1000, ms: 1 };

/** A written value as the number it stands for, in the unit of its name. */
function number(written) {
  const m = /^([\d,]+)(?: (KiB|MiB|s|ms))?$/.exec(written);
  assert.ok(m, `${written} is no value`);
  return Number(m[1].replaceAll(',', '')) * (m[2] ? units[m[2]] : 1);
}

let server;
before(async () => { server = await Server.start({ serve: ['serve'], env: { KITH_APP_DEFAULTS_DELIVER_WITHIN: '5' } }); });
after(async () => { await server.stop(); });

describe('docs/limits.md', () => {
  it('has every limit that a client is told, with its value and what is beyond it', async () => {
    const told = await (await fetch(`${server.url}/v1/limits`)).json();
    const written = rows(part('What a client can meet'));
    const settings = new Map(rows(part('Settings')).map(({ name, value }) => [name.split('.')[1], value]));
    assert.deepEqual(written.map(({ name }) => name).sort(), Object.keys(told).filter((name) => !settings.has(name)).sort());
    for (const [name, value] of settings) if (name in told) assert.equal(String(told[name]), value, name);
    for (const { name, value, beyond } of written) {
      assert.equal(number(value), told[name], name);
      assert.ok(beyond.length > 3, name);
    }
  });

  it('has every setting that is a limit, with its default and what is beyond it', async () => {
    const reference = await shell('kith check-config --reference', { cwd: server.data });
    const settings = new Map(rows_of_reference(reference).filter(([name]) => name.startsWith('limits.')));
    const written = rows(part('Settings'));
    assert.deepEqual(written.map(({ name }) => name).sort(), [...settings.keys()].sort());
    for (const { name, value, beyond } of written) {
      assert.equal(value, settings.get(name), name);
      assert.ok(beyond.length > 3, name);
    }
  });

  it('leaves out no setting of an application that can be lowered', async () => {
    const reference = await shell('kith check-config --reference', { cwd: server.data });
    const of_app = rows_of_reference(reference.split('\n## Applications')[1]).map(([name]) => name).filter((name) => name.endsWith('_max'));
    const written = rows(part('What a client can meet')).map(({ name }) => name);
    assert.deepEqual(of_app.filter((name) => !written.includes(name)), []);
  });
});

const x = (count) => 'x'.repeat(count);
const many = (count, make = (i) => `u${i}`) => Array.from({ length: count }, (_, i) => make(i));
const attachment = (more) => ({ to: 'bob', attachments: [{ url: 'https://x.example/', mime: 'a/b', ...more }] });
const cursor = { cid: `c_${'A'.repeat(22)}`, seq: 1 };
/** A command with one more than the limit `n` allows. */
const beyond = {
  text_bytes_max: (n) => ['message.send', { to: 'bob', text: x(n + 1) }],
  custom_bytes_max: (n) => ['message.send', { to: 'bob', custom: { a: x(n) } }],
  members_max: (n) => ['conversation.create', { members: many(n) }],
  user_chars_max: (n) => ['message.send', { to: x(n + 1), text: 'hi' }],
  client_id_bytes_max: (n) => ['message.send', { to: 'bob', text: 'hi', client_id: x(n + 1) }],
  external_id_bytes_max: (n) => ['conversation.create', { external_id: x(n + 1) }],
  type_bytes_max: (n) => ['message.send', { to: 'bob', text: 'hi', type: x(n + 1) }],
  title_chars_max: (n) => ['conversation.create', { title: x(n + 1) }],
  mentions_max: (n) => ['message.send', { to: 'bob', text: 'hi', mentions: many(n + 1) }],
  message_attachments_max: (n) => ['message.send', { to: 'bob', attachments: many(n + 1, () => attachment({}).attachments[0]) }],
  url_bytes_max: (n) => ['message.send', attachment({ url: `https://x.example/${x(n)}` })],
  mime_bytes_max: (n) => ['message.send', attachment({ mime: `a/${x(n)}` })],
  name_bytes_max: (n) => ['message.send', attachment({ name: x(n + 1) })],
  members_per_request_max: (n) => ['conversation.create', { members: many(n + 1) }],
  users_per_request_max: (n) => ['user.get', { users: many(n + 1) }],
  cursors_max: (n) => ['receipt.read', { cursors: many(n + 1, () => cursor) }],
  room_bytes_max: (n) => ['room.join', { room: x(n + 1) }],
};
/** A request with one more than the limit allows. */
const beyond_http = {
  http_line_bytes_max: (n) => [`/livez?${x(n)}`],
  http_head_bytes_max: (n) => ['/livez', Object.fromEntries(many(Math.ceil(n / 4000), (i) => [`x-${i}`, x(4000)]))],
  http_headers_max: (n) => ['/livez', Object.fromEntries(many(n, (i) => [`x-${i}`, '1']))],
};

describe('beyond a limit', () => {
  let crowd;
  let ann;
  let written;
  before(async () => {
    written = new Map(rows(part('What a client can meet')).map((row) => [row.name, row]));
    // Members of a group are more than a request may name, unless an application has set less.
    const low = await Server.start({ env: { KITH_APP_DEFAULTS_MEMBERS_MAX: '50' } });
    crowd = new Crowd(low.url);
    crowd.server = low;
    ann = await crowd.join({ user: 'ann' });
    await ann.call('message.send', { to: 'bob', text: 'hi' });
  });
  after(async () => { crowd.close(); await crowd.server.stop(); });

  for (const [name, make] of Object.entries(beyond)) {
    it(`${name}: what the page says`, async () => {
      const { value, beyond: said } = written.get(name);
      const code = await ann.code(...make(name === 'members_max' ? 50 : number(value)));
      const meant = /`(\w+)`/g.exec(said.split('refused: ').at(-1).split('not added: ').at(-1))[1];
      assert.equal(code, meant);
    });
  }

  for (const [name, make] of Object.entries(beyond_http)) {
    it(`${name}: what the page says`, async () => {
      const { value, beyond: said } = written.get(name);
      const { status } = await http(crowd.server.port, 'GET', ...(([path, headers = {}]) => [path, { headers }])(make(number(value))));
      assert.ok(said.includes(String(status)), `${status} where the page says: ${said}`);
    });
  }
});

function rows_of_reference(text) { return [...text.matchAll(/^\| `([\w.]+)` \| `([^`]*)`/gm)].map(([, name, value]) => [name, value]); }
