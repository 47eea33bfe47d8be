// Socket.IO packets by hand, revisions 4 and 5 of the protocol; WebSocket frames good and bad; the client bundle.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from '../support/server.mjs';
import { Poll, Raw, WebSocketWire, ask_upgrade, frame, head, http, op, target } from '../support/raw.mjs';

let server;
let port;
before(async () => { server = await Server.start(); port = server.port; });
after(() => server.stop());

let people = 0;
const fresh = (name) => `${name}${++people}`;
const session = (user = fresh('ann'), options = {}) => WebSocketWire.session(port, { user, ...options });

/** After `send`, the server ends the connection; someone else is still served. */
async function assert_closes(wire, what) {
  await wire.closed().catch((error) => { throw new Error(`${what}: ${error.message}`); });
}

describe('connect', () => {
  it('answers with an id that is not the session id, then hello', async () => {
    const wire = await session();
    const { sid } = JSON.parse(wire.reply.slice(2));
    assert.equal(typeof sid, 'string');
    assert.notEqual(sid, wire.open.sid);
    wire.close();
  });

  it('in revision 3 the server connects the namespace by itself, with no payload', async () => {
    const wire = await session(fresh('old'), { eio: 3 });
    assert.equal(wire.reply, '40');
    wire.close();
  });

  it('a refusal is an object with message and data, and the connection may try again', async () => {
    const wire = await WebSocketWire.session(port);
    wire.send('40');
    const refused = JSON.parse((await wire.until((text) => text.startsWith('44'))).slice(2));
    assert.equal(typeof refused.message, 'string');
    assert.equal(refused.data.code, 'unauthenticated');
    wire.send(`40${JSON.stringify({ user: fresh('ann') })}`);
    assert.match(await wire.until((text) => text.startsWith('4')), /^40\{"sid"/);
    wire.close();
  });

  it('in revision 3 a refusal is the bare data', async () => {
    const wire = await WebSocketWire.open(port, { EIO: 3 });
    assert.equal((await wire.text())[0], '0');
    const refused = JSON.parse((await wire.until((text) => text.startsWith('44'))).slice(2));
    assert.equal(refused.code, 'unauthenticated');
    assert.equal(typeof refused.message, 'string');
    wire.close();
  });

  it('an unknown namespace is refused by name, the others go on', async () => {
    const wire = await session();
    wire.send('40/nowhere,');
    assert.equal(await wire.until((text) => text.startsWith('44')), '44/nowhere,{"message":"Invalid namespace"}');
    wire.send('40/no/where,{"a":1}');
    assert.equal(await wire.until((text) => text.startsWith('44')), '44/no/where,{"message":"Invalid namespace"}');
    assert.equal((await wire.ask('time', {})).ok, true);
    wire.close();
  });

  it('the client may leave and come back on the same connection', async () => {
    const wire = await session();
    wire.send('41');
    wire.send(`40${JSON.stringify({ user: fresh('again') })}`);
    assert.match(await wire.until((text) => text.startsWith('40')), /^40\{"sid"/);
    wire.close();
  });
});

describe('events and acks', () => {
  it('an ack id comes back exactly, up to 2^53-1', async () => {
    const wire = await session();
    for (const id of ['0', '7', '9007199254740991']) assert.equal((await wire.ask('time', {}, id)).ok, true);
    wire.close();
  });

  it('an event without id is not acknowledged', async () => {
    const wire = await session();
    wire.send('42["time",{}]');
    wire.send('425["time",{}]');
    assert.match(await wire.until((text) => text.startsWith('43')), /^435\[/);
    wire.close();
  });

  it('an event without a body, with a wrong body or with too much of it gets an error, not a close', async () => {
    const wire = await session();
    for (const [i, body] of ['', ',null', ',5', ',"x"', ',[]', ',true', ',{},{"more":1}'].entries()) {
      wire.send(`42${i}["message.send"${body}]`);
      const ack = JSON.parse((await wire.until((text) => text.startsWith(`43${i}[`))).slice(`43${i}`.length))[0];
      assert.equal(ack.ok, false, body);
      assert.equal(ack.error.code, 'validation_failed', body);
    }
    wire.close();
  });

  it('acks nobody waits for are ignored', async () => {
    const wire = await session();
    wire.send('4399[1]').send('4399[]').send('43123456789012[{}]');
    assert.equal((await wire.ask('time', {})).ok, true);
    wire.close();
  });

  it('binary that no command uses is an error of the command', async () => {
    const wire = await session();
    wire.send('451-7["message.send",{"to":"bob","text":{"_placeholder":true,"num":0}}]').binary(Buffer.from([1]));
    assert.match(await wire.until((text) => text.startsWith('437')), /validation_failed/);
    wire.close();
  });

  it('attachments are counted in any order of their numbers, each used', async () => {
    const wire = await session();
    const room = fresh('room');
    await wire.ask('room.join', { room });
    wire.send(`452-["room.send",{"room":"${room}","echo":true,"data":{"b":{"num":1,"_placeholder":true},"a":{"_placeholder":true,"num":0}}}]`).binary(Buffer.from('first')).binary(Buffer.from('second'));
    const { data } = JSON.parse((await wire.until((text) => text.startsWith('452-'))).slice(4))[1];
    const parts = [(await wire.next()).payload.toString(), (await wire.next()).payload.toString()];
    assert.deepEqual([parts[data.a.num], parts[data.b.num]], ['first', 'second']);
    wire.close();
  });
});

describe('malformed packets end the connection', () => {
  const bad = ['4', '47', '4x', '42', '42{}', '42[]', '42"x"', '42[', '42["x"', '42[null]', '42[{}]', '42[["x"]]', '42["connect"]', '42["disconnect"]', '42["connect_error"]',
    '42["x"]garbage', '42/nowhere,["x"]', '431', '43{}', '41/nowhere,', '40{"user":"again"}', '44{"message":"x"}', '45["x"]', '450-["x"]', '45-["x"]', '4511-["x"]', '451', '45x-["x"]', '451e0-["x"]',
    `42["x",${'['.repeat(100)}${']'.repeat(100)}]`, '42["x",01]', '42["x",NaN]', '42["x",\u0001]', '499999', '\u0000', '8', 'x'];
  for (const packet of bad) {
    it(JSON.stringify(packet.length > 60 ? `${packet.slice(0, 57)}…` : packet), async () => {
      const wire = await session();
      await assert_closes(wire.send(packet), packet);
    });
  }

  it('an event before CONNECT', async () => {
    const wire = await WebSocketWire.session(port);
    await assert_closes(wire.send('42["time",{}]'), 'event');
  });

  it('CONNECT with a payload that is no object', async () => {
    for (const packet of ['40[]', '40"x"', '40null', '40{']) {
      const wire = await WebSocketWire.session(port);
      await assert_closes(wire.send(packet), packet);
    }
  });

  it('binary without a header, text while attachments are due, a placeholder out of range', async () => {
    const room = '"room":"r"';
    await assert_closes((await session()).binary(Buffer.from([1, 2])), 'binary without header');
    await assert_closes((await session()).send(`451-["room.send",{${room},"data":{"_placeholder":true,"num":0}}]`).send('42["time",{}]'), 'text between');
    for (const num of ['1', '-1', '"0"', '0.5', 'null', '1e3', '99999999999']) {
      const wire = await session();
      await assert_closes(wire.send(`451-["room.send",{${room},"data":{"_placeholder":true,"num":${num}}}]`).binary(Buffer.from([1])), `num ${num}`);
    }
  });
});

describe('WebSocket frames', () => {
  it('fragments are one message, with control frames between', async () => {
    const wire = await session();
    wire.write(frame(op.text, '421["ti', { fin: false })).write(frame(op.ping, 'are you there')).write(frame(op.more, 'me"', { fin: false })).write(frame(op.more, '', { fin: false })).write(frame(op.more, ',{}]'));
    const pong = await wire.next();
    assert.deepEqual([pong.opcode, pong.payload.toString(), pong.masked], [op.pong, 'are you there', false]);
    assert.match(await wire.until((text) => text.startsWith('431')), /"ok":true/);
    wire.close();
  });

  it('come byte by byte', async () => {
    const wire = await session();
    for (const byte of frame(op.text, '421["time",{}]')) wire.write(Buffer.from([byte]));
    await wire.until((text) => text.startsWith('431'));
    wire.close();
  });

  it('an unasked pong is ignored', async () => {
    const wire = await session();
    wire.write(frame(op.pong, 'x'));
    assert.equal((await wire.ask('time', {})).ok, true);
    wire.close();
  });

  const broken = [
    ['not masked', frame(op.text, '42["time",{}]', { mask: false }), 1002],
    ['a reserved bit', frame(op.text, '42["time",{}]', { rsv: 4 }), 1002],
    ['an unknown opcode', frame(3, ''), 1002],
    ['a long control frame', frame(op.ping, 'x'.repeat(126)), 1002],
    ['a fragmented control frame', frame(op.ping, 'x', { fin: false }), 1002],
    ['a continuation of nothing', frame(op.more, 'x'), 1002],
    ['a new message inside another', Buffer.concat([frame(op.text, '42', { fin: false }), frame(op.text, '42')]), 1002],
    ['text that is not UTF-8', frame(op.text, Buffer.from([0x34, 0x32, 0xc3, 0x28])), 1007],
    ['a character cut short', Buffer.concat([frame(op.text, Buffer.from([0x34, 0xf0, 0x9f]), { fin: false }), frame(op.more, Buffer.from([]))]), 1007],
    ['a length above the limit', frame(op.text, 'x', { length: 1_000_001 }), 1009],
    ['a length of 2^62', frame(op.text, 'x', { length: 2 ** 62 }), 1009],
    ['fragments above the limit', Buffer.concat([frame(op.text, 'x'.repeat(700_000), { fin: false }), frame(op.more, 'x'.repeat(700_000))]), 1009],
  ];
  for (const [what, bytes, code] of broken) {
    it(`${what}: closed with ${code}`, async () => {
      const wire = await session();
      assert.equal(await wire.write(bytes).close_code(), code);
      wire.close();
    });
  }

  it('a close is answered with its code, and the connection ends', async () => {
    const wire = await session();
    wire.write(frame(op.close, Buffer.from([0x03, 0xe8])));
    assert.equal(await wire.close_code(), 1000);
    await wire.raw.closed();
  });

  it('a close with a forbidden code or half of one is a protocol error', async () => {
    for (const payload of [[0x03], [0x03, 0xed], [0x03, 0xee], [0x00, 0x01], [0x27, 0x0f]]) {
      const wire = await session();
      assert.equal(await wire.write(frame(op.close, Buffer.from(payload))).close_code(), 1002, payload.join());
      wire.close();
    }
  });

  it('an Engine.IO close packet ends it', async () => {
    const wire = await session();
    await assert_closes(wire.send('1'), 'close packet');
  });

  it('compression is declined, wrong handshakes are refused', async () => {
    const offered = await ask_upgrade(port, target({ EIO: 4, transport: 'websocket' }), { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' });
    assert.equal(offered.answer.status, 101);
    assert.equal(offered.answer.headers['sec-websocket-extensions'], undefined);
    assert.equal(offered.answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    offered.raw.close();
    for (const headers of [{ 'Sec-WebSocket-Version': '12' }, { 'Sec-WebSocket-Key': 'short' }, { 'Sec-WebSocket-Key': '' }]) {
      const { raw, answer } = await ask_upgrade(port, target({ EIO: 4, transport: 'websocket' }), headers);
      assert.ok(answer.status === 400 || answer.status === 426, JSON.stringify(headers));
      raw.close();
    }
  });

  it('an upgrade that names polling is refused', async () => {
    const { raw, answer } = await ask_upgrade(port, target({ EIO: 4, transport: 'polling' }));
    assert.equal(answer.status, 400);
    raw.close();
  });
});

describe('the client bundle', () => {
  it('is served by name, with a tag that saves the next request', async () => {
    for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js']) {
      const got = await http(port, 'GET', `/socket.io/${name}`);
      assert.equal(got.status, 200, name);
      assert.match(got.headers['content-type'], /^application\/javascript/);
      assert.ok(got.body.length > 30_000);
      for (const tag of [got.headers.etag, `W/${got.headers.etag}`]) {
        const again = await http(port, 'GET', `/socket.io/${name}`, { headers: { 'If-None-Match': tag } });
        assert.equal(again.status, 304);
        assert.equal(again.body.length, 0);
      }
    }
  });

  it('nothing else is, whatever the path', async () => {
    for (const path of ['/socket.io/other.js', '/socket.io/../socket.io.js', '/socket.io/%2e%2e/%2e%2e/etc/passwd', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/chat.js/..', '/.git/config', '/nothing.html']) {
      const got = await http(port, 'GET', path);
      assert.ok(got.status >= 400 && got.status < 500, `${path}: ${got.status}`);
    }
  });

  it('the page and its parts are served with their types, and HEAD gives no body', async () => {
    for (const [path, type] of [['/', 'text/html'], ['/index.html', 'text/html'], ['/chat.js', 'javascript'], ['/chat.css', 'text/css'], ['/icon.svg', 'image/svg+xml']]) {
      const got = await http(port, 'GET', path);
      assert.equal(got.status, 200, path);
      assert.ok(got.headers['content-type'].includes(type), got.headers['content-type']);
    }
    const raw = await Raw.open(port);
    raw.write(head('HEAD', '/', { Connection: 'close' }));
    await raw.closed();
    assert.match(raw.bytes.toString(), /^HTTP\/1\.1 200 /);
    assert.equal(raw.bytes.indexOf('\r\n\r\n'), raw.bytes.length - 4);
  });
});

describe('a session after all that', () => {
  it('is served as ever', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    await poll.post('421["time",{}]');
    await poll.until((packet) => packet.startsWith('431['));
  });
});
