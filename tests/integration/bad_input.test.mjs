// Whatever a client sends, it gets an error or is closed with a reason; memory stays bounded and others are served meanwhile.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { make, parse } from '../support/jwt.mjs';
import { Pulse } from '../support/pulse.mjs';
import { Poll, Raw, WebSocketWire, frame, head, http, op, target } from '../support/raw.mjs';
import { Server } from '../support/server.mjs';
import { send_until_closed } from '../support/slow_reader.mjs';
import { until, within } from '../support/deadline.mjs';

const served_within_ms = 10_000;
const growth_bytes_max = 96 * 1024 * 1024;

let server;
let port;
let crowd;
let pulse;
let resident_before;
let people = 0;
const fresh = (name) => `${name}${++people}`;

before(async () => {
  // Under ASan what is freed is given back at once, so that memory can be looked at.
  const ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':');
  server = await Server.start({ env: { KITH_LIMITS_HANDSHAKES_PENDING_MAX: '300', ASAN_OPTIONS } });
  port = server.port;
  crowd = new Crowd(server.url);
  pulse = await Pulse.of(server.url, 'witness');
  resident_before = server.resident_bytes();
});
afterEach(() => {
  assert.ok(server.alive(), `the server ended:\n${server.log}`);
  server.check_log();
  const growth = server.resident_bytes() - resident_before;
  assert.ok(growth < growth_bytes_max, `memory grew by ${growth} bytes`);
});
after(async () => {
  const worst = await pulse.stop();
  crowd.close();
  await server.stop();
  assert.ok(pulse.answers > 10);
  assert.ok(worst < served_within_ms, `someone waited ${worst} ms`);
});

/** A 4xx or 5xx answer, or the end of the connection. */
async function assert_refused(bytes, what) {
  const raw = await Raw.open(port);
  raw.write(bytes);
  const status = await raw.answer().then((answer) => answer.status, () => undefined);
  raw.close();
  assert.ok(status === undefined || status >= 400, `${what}: ${status}`);
}

describe('HTTP', () => {
  const garbage = {
    'binary noise': Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256)),
    'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
    'no version': 'GET /\r\n\r\n', 'an unknown version': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 'no method': ' / HTTP/1.1\r\nHost: x\r\n\r\n',
    'a header without colon': 'GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n', 'a space before the colon': 'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
    'a folded header': 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', 'NUL in a header': 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n', 'NUL in the path': 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n',
    'two lengths': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'a negative length': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'a length that is no number': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n', 'a length of 2^64': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616\r\n\r\n',
    'length and chunks': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'an unknown coding': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n',
    'a chunk size that is no number': `${head('POST', '/v1/x', { 'Transfer-Encoding': 'chunked' })}zz\r\n`, 'a chunk size of 2^64': `${head('POST', '/v1/x', { 'Transfer-Encoding': 'chunked' })}10000000000000000\r\n`,
    'a request line of 100 KB': `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 'a header of 100 KB': head('GET', '/', { A: 'x'.repeat(100_000) }),
    '1,000 headers': head('GET', '/', Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`h${i}`, 'x']))),
    'a broken escape in the query': head('GET', '/socket.io/?EIO=4&transport=%zz'), 'NUL in the query': head('GET', '/socket.io/?EIO=4&transport=polling%00'),
    'a sid of 6 KB': head('GET', `/socket.io/?EIO=4&transport=polling&sid=${'x'.repeat(6000)}`),
  };
  for (const [what, bytes] of Object.entries(garbage)) it(what, () => assert_refused(bytes, what));

  it('a head that never ends is cut at the limit of its size', async () => {
    const raw = await Raw.open(port);
    raw.write('GET / HTTP/1.1\r\n');
    for (let i = 0; i < 400 && !raw.ended; i += 1) raw.write(`x${i}: ${'y'.repeat(1000)}\r\n`);
    await raw.closed();
    raw.close();
  });

  it('a chunked body that never ends is cut at the limit of its size', async () => {
    const poll = await Poll.open(port);
    const raw = await Raw.open(port);
    raw.write(head('POST', poll.path, { 'Transfer-Encoding': 'chunked' }));
    for (let i = 0; i < 30 && !raw.ended; i += 1) raw.write(`186a0\r\n${'x'.repeat(100_000)}\r\n`);
    const status = await raw.answer().then((answer) => answer.status, () => undefined);
    assert.ok(status === undefined || status === 413, String(status));
    raw.close();
  });

  it('a million tiny chunks are cut', async () => {
    const poll = await Poll.open(port);
    const raw = await Raw.open(port);
    raw.write(head('POST', poll.path, { 'Transfer-Encoding': 'chunked' }));
    const chunks = '1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n'.repeat(2_000);
    for (let i = 0; i < 50 && !raw.ended; i += 1) raw.write(chunks);
    const status = await raw.answer().then((answer) => answer.status, () => undefined);
    assert.ok(status === undefined || status >= 400, String(status));
    raw.close();
  });

  it('resets at every step of an upgrade', async () => {
    const request = head('GET', target({ EIO: 4, transport: 'websocket' }), { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' });
    const all = Buffer.concat([Buffer.from(request), frame(op.text, '40{"user":"reset"}'), frame(op.text, '421["time",{}]')]);
    for (let length = 1; length <= all.length; length += 9) {
      const raw = await Raw.open(port);
      raw.write(all.subarray(0, length));
      raw.socket.resetAndDestroy?.() ?? raw.close();
    }
  });
});

describe('WebSocket and packets', () => {
  it('a million empty fragments are cut', async () => {
    const wire = await WebSocketWire.session(port, { user: fresh('ann') });
    const piece = Buffer.concat([frame(op.text, '4', { fin: false }), ...Array.from({ length: 3000 }, () => frame(op.more, '', { fin: false }))]);
    wire.write(piece);
    await wire.closed();
    wire.close();
  });

  it('100,000 nested arrays, wherever JSON is read', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const packet of [`421["message.send",{"to":"bob","text":"x","custom":${deep}}]`, `421["room.send",{"room":"r","data":${deep}}]`, `421${deep}`, `43${deep}`, `421["time",${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]`]) {
      const wire = await WebSocketWire.session(port, { user: fresh('ann') });
      wire.send(packet);
      const end = await wire.until((text) => text.startsWith('431')).catch(() => 'closed');
      assert.ok(end === 'closed' || /validation_failed/.test(end), end);
      wire.close();
    }
    const wire = await WebSocketWire.session(port);
    wire.send(`40{"user":${deep}}`);
    const end = await wire.until((text) => text.startsWith('44')).catch(() => 'closed');
    assert.ok(end === 'closed' || /"code"/.test(end), end);
    wire.close();
  });

  it('attachments that never come hold nothing up, cost those who hold most, and nobody else', async () => {
    const room = fresh('room');
    const small = await crowd.join({ user: fresh('ann') });
    await small.call('room.join', { room });
    const wires = await Promise.all(Array.from({ length: 10 }, () => WebSocketWire.session(port, { user: fresh('ann') })));
    const piece = frame(op.binary, Buffer.alloc(900_000));
    for (const wire of wires) {
      wire.send('4510-["room.send",{"room":"r","data":{"_placeholder":true,"num":0}}]');
      for (let i = 0; i < 9; i += 1) wire.write(piece);   // 81 MB in all, of 64
    }
    await within(Promise.race(wires.map((wire) => wire.closed())), 'one of them is closed');
    small.socket.emit('room.send', { room, data: Buffer.alloc(1000), echo: true });
    await small.event('room.data');
    assert.equal(small.connects, 1);
    for (const wire of wires) wire.close();
    small.close();
  });

  it('a thousand packets in one body, and more', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    const answer = await poll.post_raw(Array.from({ length: 5_000 }, () => '42["time",{}]').join('\x1e'));
    assert.ok([200, 400, 413].includes(answer.status));
  });

  it('hundreds of CONNECTs on one connection are cut', async () => {
    const wire = await WebSocketWire.session(port);
    for (let i = 0; i < 300; i += 1) wire.send(`40/${'n'.repeat(100)}${i},`);
    await wire.closed();
    wire.close();
  });
});

describe('commands', () => {
  let ann;
  let bob;
  let cid;
  before(async () => {
    [ann, bob] = [await crowd.join({ user: fresh('ann') }), await crowd.join({ user: fresh('bob') })];
    ({ cid } = await ann.call('message.send', { to: bob.user, text: 'hi' }));
  });

  const refused = async (event, body, ...codes) => {
    const code = await ann.code(event, body);
    assert.ok(codes.includes(code), `${event} ${JSON.stringify(body).slice(0, 120)}: ${code}`);
  };

  it('sizes: at the limit taken, past it refused', async () => {
    await ann.call('message.send', { cid, text: 'x'.repeat(16 * 1024) });
    await refused('message.send', { cid, text: 'x'.repeat(16 * 1024 + 1) }, 'too_large');
    await refused('message.send', { cid, text: 'é'.repeat(8 * 1024 + 1) }, 'too_large');
    await ann.call('message.send', { cid, text: 'x', custom: { a: 'x'.repeat(8 * 1024 - 8) } });
    await refused('message.send', { cid, text: 'x', custom: { a: 'x'.repeat(8 * 1024) } }, 'too_large');
    await ann.call('message.send', { cid, text: 'x', client_id: 'c'.repeat(64) });
    await refused('message.send', { cid, text: 'x', client_id: 'c'.repeat(65) }, 'validation_failed', 'too_large');
    await refused('message.send', { cid, text: 'x', client_id: '' }, 'validation_failed');
    await refused('message.send', { cid, text: 'x', type: 't'.repeat(200) }, 'validation_failed', 'too_large');
    await refused('message.send', { cid, text: 'x', attachments: Array.from({ length: 11 }, () => ({ url: 'https://x.example/a', mime: 'image/png' })) }, 'validation_failed', 'too_large');
    await refused('message.send', { to: 'x'.repeat(65), text: 'x' }, 'validation_failed', 'not_found');
    await refused('conversation.create', { kind: 'group', title: 'x'.repeat(100_000) }, 'validation_failed', 'too_large');
    await refused('conversation.create', { kind: 'group', members: Array.from({ length: 20_000 }, (_, i) => `u${i}`) }, 'validation_failed', 'too_large');
    await refused('user.get', { users: Array.from({ length: 201 }, (_, i) => `u${i}`) }, 'validation_failed', 'too_large');
    await refused('receipt.read', { cursors: Array.from({ length: 1001 }, () => ({ cid, seq: 1 })) }, 'validation_failed', 'too_large');
    await refused('room.join', { room: 'r'.repeat(129) }, 'validation_failed', 'too_large');
  });

  it('numbers: 2^53 and everything else that is no seq', async () => {
    for (const seq of [2 ** 53, 2 ** 63, -1, 0.5, '1', null, true, [], {}]) {
      await refused('receipt.read', { cursors: [{ cid, seq }] }, 'validation_failed');
      if (seq !== null) await refused('message.history', { cid, before: seq }, 'validation_failed');
    }
    const wire = await WebSocketWire.session(port, { user: fresh('raw') });
    for (const number of ['9007199254740992', '18446744073709551616', '1e400', '-0.1', '123456789012345678901234567890']) {
      const ack = await wire.ask('time', {});
      assert.equal(ack.ok, true);
      wire.send(`422["receipt.read",{"cursors":[{"cid":"${cid}","seq":${number}}]}]`);
      const end = await wire.until((text) => text.startsWith('432')).catch(() => 'closed');
      assert.ok(end === 'closed' || /"ok":false/.test(end), `${number}: ${end}`);
      if (end === 'closed') break;
    }
    wire.close();
    for (const limit of [0, -1, 1e9, '5', 2 ** 53]) {
      const ack = await ann.ask('message.history', { cid, limit });
      assert.ok(ack.ok ? ack.data.messages.length <= 100 : ack.error.code === 'validation_failed', `limit ${limit}`);
    }
  });

  it('NUL and broken text', async () => {
    await refused('message.send', { cid, text: 'a\0b' }, 'validation_failed');
    await refused('message.send', { cid, text: 'x', client_id: 'a\0b' }, 'validation_failed');
    await refused('message.send', { to: 'a\0b', text: 'x' }, 'validation_failed', 'not_found');
    await refused('message.send', { cid, text: 'x', custom: { 'a\0b': 'c\0d' } }, 'validation_failed');
    await refused('conversation.create', { kind: 'group', title: 'a\0b' }, 'validation_failed');
    await refused('conversation.create', { kind: 'group', members: ['a\0b'] }, 'validation_failed');
    await refused('room.join', { room: 'a\0b' }, 'validation_failed');
    const wire = await WebSocketWire.session(port, { user: fresh('raw') });
    wire.send(`421["message.send",{"cid":"${cid}","text":"\\ud800"}]`);
    const end = await wire.until((text) => text.startsWith('431')).catch(() => 'closed');
    assert.ok(end === 'closed' || /"ok":false/.test(end), end);
    wire.close();
    for (const user of ['a\0b', '', ' '.repeat(65)]) {
      const nobody = crowd.add({ auth: { user } });
      assert.equal((await nobody.refused()).code, 'unauthenticated');
      nobody.close();
    }
  });

  it('wrong types in every field', async () => {
    const values = [null, 5, true, [], {}, [null], { a: 1 }];
    for (const value of values) {
      for (const [event, body] of [['message.send', { cid: value, text: 'x' }], ['message.send', { cid, text: value }], ['message.send', { to: value, text: 'x' }], ['message.history', { cid: value }], ['conversation.get', { cid: value }],
        ['member.add', { cid, users: value }], ['member.remove', { cid, user: value }], ['receipt.read', { cursors: value }], ['user.get', { users: value }], ['room.join', { room: value }], ['room.send', { room: value, data: 1 }]]) {
        const ack = await ann.ask(event, body);
        if (ack.ok) assert.ok(Array.isArray(value) && !value.length, `${event} ${JSON.stringify(body)}`);
        else assert.ok(['validation_failed', 'not_found', 'forbidden'].includes(ack.error.code), `${event} ${JSON.stringify(body)}: ${ack.error.code}`);
      }
    }
  });

  it('foreign and unknown ids look the same', async () => {
    const eve = await crowd.join({ user: fresh('eve') });
    const errors = new Set();
    for (const one of [cid, 'c_AAAAAAAAAAAAAAAAAAAAAA']) {
      for (const [event, body] of [['message.send', { cid: one, text: 'x' }], ['message.history', { cid: one }], ['conversation.get', { cid: one }], ['member.list', { cid: one }], ['member.add', { cid: one, users: [eve.user] }], ['member.remove', { cid: one, user: ann.user }]]) {
        const { ok, error } = await eve.ask(event, body);
        assert.equal(ok, false, event);
        errors.add(JSON.stringify(error));
        assert.equal(error.code, 'not_found', event);
      }
    }
    assert.equal(errors.size, 1, 'a stranger can not tell them apart');
    const receipt = await eve.ask('receipt.read', { cursors: [{ cid, seq: 1 }] });
    assert.ok(!receipt.ok || receipt.data.cursors.length === 0);
    for (const id of ['', 'c_', 'c_short', `c_${'x'.repeat(5000)}`, '../../etc/passwd', "' OR 1=1 --", 'c_AAAAAAAAAAAAAAAAAAAAA!']) {
      const code = await eve.code('message.history', { cid: id });
      assert.ok(['not_found', 'validation_failed'].includes(code), `${id}: ${code}`);
    }
    eve.close();
  });

  it('a removed member neither sends nor hears, and gets no more of the history', async () => {
    const eve = await crowd.join({ user: fresh('eve') });
    const group = await ann.call('conversation.create', { kind: 'group', title: 'g', members: [eve.user, bob.user] });
    await eve.event('conversation.added', ({ conversation }) => conversation.cid === group.cid);
    await ann.call('message.send', { cid: group.cid, text: 'with you' });
    await eve.event('message.new', ({ text }) => text === 'with you');
    await refused('member.remove', { cid: group.cid, user: 'nobody-here' }, 'not_found', 'not_member', 'validation_failed');
    assert.equal(await bob.code('member.remove', { cid: group.cid, user: eve.user }), 'forbidden');
    await ann.call('member.remove', { cid: group.cid, user: eve.user });
    await eve.event('conversation.removed', ({ conversation }) => conversation.cid === group.cid);
    await ann.call('message.send', { cid: group.cid, text: 'without you' });
    await bob.event('message.new', ({ text }) => text === 'without you');
    assert.equal(await eve.code('message.send', { cid: group.cid, text: 'still here?' }), 'not_member');
    const page = await eve.ask('message.history', { cid: group.cid });
    if (page.ok) assert.ok(page.data.messages.every(({ text }) => text !== 'without you')); else assert.equal(page.error.code, 'not_member');
    assert.equal((await eve.ask('time', {})).ok, true);   // in order behind anything that could still come
    assert.deepEqual(eve.heard('message.new', ({ text }) => text === 'without you'), []);
    eve.close();
  });

  it('thousands of commands at once are answered or refused, each', async () => {
    const wire = await WebSocketWire.session(port, { user: fresh('hasty') });
    const count = 5_000;
    wire.write(Buffer.concat(Array.from({ length: count }, (_, i) => frame(op.text, `42${i}["message.send",{"to":"bob","text":"${i}"}]`))));
    let acks = 0;
    const end = await (async () => { while (acks < count) { const text = await wire.text(); if (text === '2') wire.send('3'); if (text.startsWith('43')) acks += 1; } return 'all'; })().catch((error) => error.message);
    assert.ok(end === 'all' || /closed/.test(end), end);
    wire.close();
  });
});

describe('tokens', () => {
  async function refusal_of(token) {
    const client = crowd.add({ token });
    const error = await client.refused();
    client.close();
    return error.code;
  }

  it('forged, altered, of the wrong kind, without an end, of nobody', async () => {
    const good = await server.token('tom');
    const { header, claims } = parse(good);
    const [head_part, claims_part, signature] = good.split('.');
    const other_claims = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
    const bad = [
      make(header, claims), `${head_part}.${other_claims}.${signature}`, `${head_part}.${claims_part}.`, `${head_part}.${claims_part}`, `${good}x`, `.${claims_part}.${signature}`, '...', 'null', '{}',
      make({ ...header, alg: 'none' }, claims), `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims_part}.`, make({ ...header, alg: 'HS512' }, claims), make({ ...header, alg: 'RS256' }, claims),
      make({ ...header, kid: '../../etc/passwd' }, claims), make({ ...header, kid: ['x'] }, claims), make({ ...header, kid: 'x'.repeat(5000) }, claims), make({ ...header, kid: 'a\0b' }, claims),
      make(header, { ...claims, exp: undefined }), make(header, '['.repeat(5000)), make(header, 'not json'), 'x'.repeat(100_000), good.replaceAll('-', '+').replaceAll('_', '/').replace('.', '=.'),
    ];
    for (const token of bad) assert.equal(await refusal_of(token), 'unauthenticated', token.slice(0, 60));
    for (const auth of [{ token: 5 }, { token: null }, { token: [good] }, { token: { good } }, { user: 5 }, { user: ['ann'] }, { user: { name: 'ann' } }]) {
      const client = crowd.add({ auth });
      assert.equal((await client.refused()).code, 'unauthenticated', JSON.stringify(auth));
      client.close();
    }
  });

  it('a token of another application opens that one only', async () => {
    await server.run('app', 'create', 'other');
    await server.run('app', 'key', 'add', 'other', '--kind', 'signing');
    const theirs = await server.token('ann', { app: 'other' });
    const mine = await server.token('ann');
    const there = await crowd.join({ token: theirs });
    assert.equal((await there.hello()).app, 'other');
    const here = await crowd.join({ token: mine });
    const { cid } = await here.call('message.send', { to: 'bob', text: 'ours' });
    assert.equal(await there.code('message.history', { cid }), 'not_found');
    assert.deepEqual((await there.call('conversation.list', {})).conversations, []);
    await there.call('room.join', { room: 'lobby' });
    const roster = await here.call('room.join', { room: 'lobby' });
    assert.equal((roster.users ?? roster.members).length, 1, 'rooms do not cross applications');
    const { header } = parse(theirs);
    const { claims } = parse(mine);
    const crossed = [theirs.split('.')[0], mine.split('.')[1], theirs.split('.')[2]].join('.');
    assert.equal(await refusal_of(crossed), 'unauthenticated');
    assert.equal(await refusal_of(make(header, claims)), 'unauthenticated');
    there.close(); here.close();
  });
});

describe('floods', () => {
  let own;
  before(async () => { own = await Server.start({ env: { KITH_LIMITS_HANDSHAKES_PENDING_MAX: '300', KITH_SOCKETIO_CONNECT_TIMEOUT_MS: '1000' } }); });
  after(() => own.stop());

  it('handshakes that never connect are bounded, and others come in', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => http(own.port, 'GET', target({ EIO: 4, transport: 'polling' })).catch((error) => ({ status: error.code }))));
    const counts = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    assert.ok(counts[200] <= 300, JSON.stringify(counts));
    assert.ok(counts[503] || counts[429], JSON.stringify(counts));
    const late = new Crowd(own.url);
    await late.join({ user: 'late' });   // those who never connected were closed
    late.close();
  });

  it('connections that say nothing, or half a request, hold up nobody', async () => {
    const raws = await Promise.all(Array.from({ length: 500 }, () => Raw.open(port)));
    raws.forEach((raw, i) => { if (i % 2) raw.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgr'); });
    const before_answers = pulse.answers;
    await until(() => pulse.answers > before_answers + 5, 'others are served');
    for (const raw of raws) raw.close();
  });
});

describe('half-open upgrades', () => {
  let own;
  before(async () => { own = await Server.start({ env: { KITH_LIMITS_HANDSHAKES_PENDING_MAX: '2000' } }); });
  after(() => own.stop());

  it('hundreds of probes that never end leave memory bounded and the sessions working', async () => {
    const beat = await Pulse.of(own.url, 'witness');
    const resident = own.resident_bytes();
    const polls = await Promise.all(Array.from({ length: 300 }, () => Poll.open(own.port)));
    const wires = (await Promise.all(polls.flatMap(({ sid }) => [1, 2, 3].map(() => WebSocketWire.open(own.port, { sid }).catch(() => undefined))))).filter(Boolean);
    wires.forEach((wire, i) => { if (i % 3 === 0) wire.send('2probe'); });
    await polls[0].connect('still-polling').catch((error) => { throw new Error(`the session of a half-open upgrade: ${error.message}`); });
    const worst = await beat.stop();
    assert.ok(worst < served_within_ms, `someone waited ${worst} ms`);
    assert.ok(own.resident_bytes() - resident < growth_bytes_max);
    for (const wire of wires) wire.close();
  });
});

describe('a reader that stops reading', () => {
  it('costs bounded memory, holds up nobody, and misses nothing when it reads on', async () => {
    const [ann, good] = [await crowd.join({ user: fresh('ann') }), await crowd.join({ user: fresh('good') })];
    const slow = await WebSocketWire.session(port, { user: fresh('slow') });
    const slow_user = `slow${people}`;
    const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g', members: [good.user, slow_user] });
    await slow.until((text) => text.includes('conversation.added'));
    slow.raw.socket.pause();
    const resident = server.resident_bytes();
    const count = 900;
    const text = 'x'.repeat(15_000);
    for (let i = 0; i < count; i += 30) await Promise.all(Array.from({ length: 30 }, (_, k) => ann.call('message.send', { cid, text: `${i + k} ${text}` })));
    await good.event('message.new', (message) => message.seq === count);
    assert.equal(good.heard('message.new').length, count);
    assert.ok(server.resident_bytes() - resident < 48 * 1024 * 1024, `memory grew by ${server.resident_bytes() - resident} bytes for one slow reader`);
    slow.raw.socket.resume();
    const seqs = [];
    while (seqs[seqs.length - 1] !== count) {
      const packet = await slow.text();
      if (packet === '2') slow.send('3');
      if (packet.startsWith('42["message.new"')) seqs.push(JSON.parse(packet.slice(2))[1].seq);
    }
    assert.deepEqual(seqs, Array.from({ length: count }, (_, i) => i + 1));
    slow.close(); ann.close(); good.close();
  });

  it('is closed with a reason when it never reads on, and the others are not', async (t) => {
    const own = await Server.start({ env: { KITH_LIMITS_SLOW_READER_TIMEOUT_MS: '400' } });
    const here = new Crowd(own.url);
    const [ann, good] = [await here.join({ user: 'ann' }), await here.join({ user: 'good' })];
    const slow = await WebSocketWire.session(own.port, { user: 'slow' });
    t.after(async () => {
      slow.close();
      here.close();
      await own.stop();
    });
    const { cid } = await ann.call('conversation.create', { kind: 'group', title: 'g', members: ['good', 'slow'] });
    await slow.until((text) => text.includes('conversation.added'));
    slow.raw.socket.pause();
    const count = await send_until_closed(own, (text) => ann.call('message.send', { cid, text }),
      (sent) => good.event('message.new', (message) => message.seq === sent));
    assert.equal(good.heard('message.new').length, count);
    assert.equal(own.log.match(/session_closed/g).length, 1, 'nobody else was closed');
  });
});
