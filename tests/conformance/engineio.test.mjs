// Engine.IO 3 and 4 by hand: handshake, errors, long polling, heartbeat, upgrade.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from '../support/server.mjs';
import { Poll, Raw, WebSocketWire, ask_upgrade, head, http, target } from '../support/raw.mjs';

let server;
let port;
before(async () => { server = await Server.start(); port = server.port; });
after(() => server.stop());

let people = 0;
const fresh = (name) => `${name}${++people}`;

function assert_open(open, upgrades) {
  assert.match(open.sid, /^[\w-]{20,}$/);
  assert.deepEqual(open.upgrades, upgrades);
  assert.equal(open.pingInterval, 25000);
  assert.equal(open.pingTimeout, 20000);
  assert.equal(open.maxPayload, 1000000);
}

async function assert_error(answer_promise, status, code, message) {
  const answer = await answer_promise;
  assert.equal(answer.status, status);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.deepEqual(JSON.parse(answer.text), { code, message });
}

describe('handshake', () => {
  it('over polling, revision 4', async () => {
    const { open, answer, packets } = await Poll.open(port);
    assert_open(open, ['websocket']);
    assert.match(answer.headers['content-type'], /^text\/plain; charset=utf-8$/i);
    assert.match(answer.headers['cache-control'], /no-store/);
    assert.deepEqual(packets, []);
  });

  it('over polling, revision 3: counted packets, and the namespace is connected by the server', async () => {
    const poll = await Poll.open(port, { eio: 3, query: { user: fresh('ann'), b64: 1 } });
    assert_open(poll.open, ['websocket']);
    assert.equal(await poll.until((packet) => packet.startsWith('4')), '40');
  });

  it('over WebSocket, both revisions', async () => {
    for (const eio of [4, 3]) {
      const wire = await WebSocketWire.session(port, { eio, user: fresh('ann') });
      assert_open(wire.open, []);
      wire.close();
    }
  });

  it('no two sessions share an id', async () => {
    const sids = await Promise.all(Array.from({ length: 20 }, () => Poll.open(port).then(({ sid }) => sid)));
    assert.equal(new Set(sids).size, 20);
  });

  it('without the trailing slash, and with parameters percent-encoded', async () => {
    assert.equal((await http(port, 'GET', '/socket.io?EIO=4&transport=polling')).status, 200);
    assert.equal((await http(port, 'GET', '/socket.io/?EI%4F=%34&transport=p%6Flling')).status, 200);
  });

  it('errors have their code, message and status', async () => {
    const unknown = [400, 0, 'Transport unknown'];
    await assert_error(http(port, 'GET', target({ EIO: 4 })), ...unknown);
    await assert_error(http(port, 'GET', target({ EIO: 4, transport: 'smoke' })), ...unknown);
    await assert_error(http(port, 'GET', target({ EIO: 4, transport: '__proto__' })), ...unknown);
    for (const sid of ['nobody', '__proto__', 'x'.repeat(2000)]) {
      await assert_error(http(port, 'GET', target({ EIO: 4, transport: 'polling', sid })), 400, 1, 'Session ID unknown');
      await assert_error(http(port, 'POST', target({ EIO: 4, transport: 'polling', sid }), { body: '40' }), 400, 1, 'Session ID unknown');
    }
    for (const method of ['POST', 'PUT', 'DELETE']) await assert_error(http(port, method, target({ EIO: 4, transport: 'polling' }), { body: '' }), 400, 2, 'Bad handshake method');
    await assert_error(http(port, 'GET', target({ EIO: 4, transport: 'websocket' })), 400, 3, 'Bad request');
  });

  it('a session keeps its revision and its transport', async () => {
    const { sid } = await Poll.open(port);
    await assert_error(http(port, 'GET', target({ EIO: 3, transport: 'polling', sid })), 400, 3, 'Bad request');
    const wire = await WebSocketWire.session(port);
    await assert_error(http(port, 'GET', target({ EIO: 4, transport: 'polling', sid: wire.open.sid })), 400, 3, 'Bad request');
    wire.close();
  });

  it('a refused upgrade is a plain 400 and the connection ends', async () => {
    for (const query of [{ EIO: 4, transport: 'smoke' }, { EIO: 4, transport: 'websocket', sid: 'nobody' }]) {
      const { raw, answer } = await ask_upgrade(port, target(query));
      assert.equal(answer.status, 400);
      await raw.closed();
    }
  });

  it('answers carry CORS headers in development, errors too', async () => {
    const headers = { Origin: 'http://elsewhere.example' };
    for (const query of [{ EIO: 4, transport: 'polling' }, { EIO: 4, transport: 'smoke' }]) {
      const answer = await http(port, 'GET', target(query), { headers });
      assert.ok(['*', headers.Origin].includes(answer.headers['access-control-allow-origin']));
    }
    const preflight = await http(port, 'OPTIONS', target({ EIO: 4, transport: 'polling' }), { headers: { ...headers, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' } });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers['access-control-allow-methods'], /POST/);
  });
});

describe('polling', () => {
  it('carries packets both ways, several in one body', async () => {
    const poll = await Poll.open(port);
    await poll.post(`40${JSON.stringify({ user: fresh('ann') })}`);
    assert.match(await poll.until((packet) => packet.startsWith('40')), /^40\{"sid":"[\w-]+"\}$/);
    await poll.post('421["time",{}]', '422["time",{}]');
    await poll.until((packet) => packet.startsWith('431['));
    await poll.until((packet) => packet.startsWith('432['));
  });

  it('takes a chunked body, and many requests on one connection', async () => {
    const poll = await Poll.open(port);
    const raw = await Raw.open(port);
    raw.write(head('POST', poll.path, { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' }));
    raw.write('2\r\n40\r\nC;x=1\r\n{"user":"u"}\r\n0\r\n\r\n');
    assert.equal((await raw.answer()).text, 'ok');
    raw.write(head('GET', poll.path));
    assert.match((await raw.answer()).text, /^40\{"sid"/);
    raw.close();
  });

  it('a second GET at once is refused and ends the session', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    const [one, two] = [await Raw.open(port), await Raw.open(port)];
    for (const raw of [one, two]) raw.write(head('GET', poll.path));
    // Which of the two comes second is not for us to say: it gets 400, the other one the end of the session.
    const statuses = [(await one.answer()).status, (await two.answer()).status];
    assert.deepEqual(statuses.sort(), [200, 400]);
    await poll.gone();
    one.close(); two.close();
  });

  it('a second POST while one is under way is refused and ends the session', async () => {
    const poll = await Poll.open(port);
    const [one, two] = [await Raw.open(port), await Raw.open(port)];
    for (const raw of [one, two]) raw.write(head('POST', poll.path, { 'Content-Type': 'text/plain', 'Content-Length': 10 }) + '40');
    // The second is answered 400 and the first loses its connection.
    const answers = await Promise.allSettled([one.answer(), two.answer()]);
    assert.equal(answers.filter(({ status, value }) => status === 'fulfilled' && value.status === 400).length, 1);
    await poll.gone();
    one.close(); two.close();
  });

  it('a GET aborted by the client ends the session', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    const raw = await Raw.open(port);
    raw.write(head('GET', poll.path));
    raw.close();
    await poll.gone();
  });

  it('a body above the limit is refused with 413, before all of it was sent', async () => {
    const poll = await Poll.open(port);
    const raw = await Raw.open(port);
    raw.write(head('POST', poll.path, { 'Content-Type': 'text/plain', 'Content-Length': 5_000_000 }));
    for (let i = 0; i < 11; i += 1) raw.write(Buffer.alloc(100_000, 'x'));
    assert.equal((await raw.answer()).status, 413);
    raw.close();
  });

  it('a body just at the limit is taken', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    const start = '421["time",{"x":"';
    const body = `${start}${'x'.repeat(1_000_000 - start.length - 3)}"}]`;
    assert.equal(body.length, 1_000_000);
    assert.equal((await poll.post_raw(body)).status, 200);
    await poll.until((packet) => packet.startsWith('431['));
  });

  it('a bad packet ends the session, the ones before it count', async () => {
    for (const bad of ['x', '9', '', '\x1e', '4\x1e', '7abc']) {
      const poll = await Poll.open(port);
      await poll.post_raw(bad);
      await poll.gone();
    }
    const user = fresh('ann');
    const watcher = await WebSocketWire.session(port, { user: fresh('eve') });
    await watcher.ask('room.join', { room: user });
    const poll = await Poll.open(port);
    await poll.connect(user);
    await poll.post_raw(`421["room.join",{"room":"${user}"}]\x1e9\x1e422["room.leave",{"room":"${user}"}]`);
    await watcher.until((text) => text.startsWith('42["room.joined"'));
    await poll.gone();
    watcher.close();
  });

  it('binary type with revision 4 is refused', async () => {
    const poll = await Poll.open(port);
    assert.equal((await poll.post_raw('40', { headers: { 'Content-Type': 'application/octet-stream' } })).status, 400);
    await poll.gone();
  });

  it('a close packet ends the held GET with a noop, and the session', async () => {
    for (const eio of [4, 3]) {
      let ended;
      while (!ended) {   // once more when the close came before the GET, on another connection, was there
        const poll = await Poll.open(port, { eio, query: eio === 3 ? { user: fresh('ann') } : {} });
        await poll.connect(fresh('ann'));
        const held = poll.poll().catch(({ answer }) => assert.equal(answer.status, 400));
        await poll.post('1');
        ended = await held;
        await poll.gone();
      }
      assert.deepEqual(ended, ['6']);
    }
  });

  it('revision 3 counts in UTF-16 units, both ways', async () => {
    const poll = await Poll.open(port, { eio: 3, query: { user: fresh('ann'), b64: 1 } });
    await poll.connect();
    const room = fresh('room');
    await poll.post(`421["room.join",{"room":"${room}"}]`, `422["room.send",{"room":"${room}","echo":true,"data":"\u00e9\u20ac\u{1F98A}\u{1F98A}"}]`, '423["time",{}]');   // the last is found only if the one before was counted right
    const heard = [];
    while (!['42["room.data"', '431[', '433['].every((start) => heard.some((text) => text.startsWith(start)))) heard.push(await poll.until(() => true));
    const packet = heard.find((text) => text.startsWith('42["room.data"'));
    assert.equal(JSON.parse(packet.slice(2))[1].data, '\u00e9\u20ac\u{1F98A}\u{1F98A}');
  });

  it('revision 3 ends on a length that is no number, too long, or cuts a character in half', async () => {
    for (const bad of ['x:40', ':40', '99:40', '-1:4', `3:4"\u{1F98A}`, '4', '99999999999999999999:4']) {
      const poll = await Poll.open(port, { eio: 3, query: { user: fresh('ann') } });
      await poll.connect();
      await poll.post_raw(bad);
      await poll.gone();
    }
  });

  it('attachments may come in base64, in several requests', async () => {
    const poll = await Poll.open(port);
    await poll.connect(fresh('ann'));
    const room = fresh('room');
    await poll.post(`421["room.join",{"room":"${room}"}]`);
    await poll.post(`452-["room.send",{"room":"${room}","echo":true,"data":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]}]`, 'bAQI=');
    await poll.post('bAwQF');
    const packet = await poll.until((text) => text.startsWith('452-["room.data"'));
    const { data } = JSON.parse(packet.slice(4))[1];
    const parts = [await poll.until((text) => text.startsWith('b')), await poll.until((text) => text.startsWith('b'))];
    assert.deepEqual(data.map(({ num }) => parts[num]), ['bAwQF', 'bAQI=']);
  });

  it('revision 3 takes binary payloads, and gives them to clients that take them', async () => {
    const poll = await Poll.open(port, { eio: 3, query: { user: fresh('ann') } });
    await poll.connect();
    const room = fresh('room');
    await poll.post(`421["room.join",{"room":"${room}"}]`);
    const text = `451-["room.send",{"room":"${room}","echo":true,"data":{"_placeholder":true,"num":0}}]`;
    const packet = (kind, bytes) => Buffer.concat([Buffer.from([kind, ...String(bytes.length).split('').map(Number), 255]), bytes]);
    const body = Buffer.concat([packet(0, Buffer.from(text)), packet(1, Buffer.from([4, 9, 8, 7]))]);
    assert.equal((await poll.post_raw(body, { headers: { 'Content-Type': 'application/octet-stream' } })).status, 200);
    for (let polls = 0; ; polls += 1) {
      assert.ok(polls < 10);
      const answer = await poll.get_raw();
      if (!answer.headers['content-type'].startsWith('application/octet-stream')) continue;
      const due = packet(1, Buffer.from([4, 9, 8, 7]));
      assert.deepEqual([...answer.body.subarray(-due.length)], [...due]);
      break;
    }
  });
});

describe('upgrade', () => {
  /** A session on polling with a probe answered. */
  async function probed(eio = 4) {
    const user = fresh('ann');
    const poll = await Poll.open(port, { eio, query: eio === 3 ? { user, b64: 1 } : {} });
    await poll.connect(user);
    const wire = await WebSocketWire.open(port, { EIO: eio, sid: poll.sid });
    wire.send('2probe');
    assert.equal(await wire.text(), '3probe');
    return { poll, wire, user };
  }

  for (const eio of [4, 3]) {
    it(`moves a session from polling to WebSocket, revision ${eio}`, async () => {
      const { poll, wire } = await probed(eio);
      assert.deepEqual(await poll.poll(), ['6']);
      assert.deepEqual(await poll.poll(), ['6'], 'every GET is released while upgrading');
      wire.send('5');
      assert.equal((await wire.ask('time', {})).ok, true);
      await assert_error(poll.get_raw(), 400, 3, 'Bad request');
      assert.equal((await wire.ask('time', {}, 2)).ok, true);
      wire.close();
    });
  }

  it('releases a GET that was held before the probe', async () => {
    const user = fresh('ann');
    const poll = await Poll.open(port);
    await poll.connect(user);
    const held = poll.poll();
    const wire = await WebSocketWire.open(port, { sid: poll.sid });
    wire.send('2probe');
    assert.equal(await wire.text(), '3probe');
    assert.deepEqual(await held, ['6']);
    wire.send('5');
    wire.close();
  });

  it('what is posted and what is due while upgrading arrives once, in order', async () => {
    const { poll, wire } = await probed();
    await poll.post('421["time",{}]', '422["time",{}]');
    await poll.post('423["time",{}]');
    wire.send('5');
    wire.send('424["time",{}]');
    const got = [];
    while (!got.some((text) => text.startsWith('434['))) got.push(await wire.text());
    assert.deepEqual(got.map((text) => text.slice(0, 4)), ['431[', '432[', '433[', '434[']);
    wire.close();
  });

  it('a probe that begins wrongly is dropped, polling goes on and may try again', async () => {
    const user = fresh('ann');
    const poll = await Poll.open(port);
    await poll.connect(user);
    for (const wrong of ['2', '2prob', '421["time",{}]', '3probe', 'x']) {
      const wire = await WebSocketWire.open(port, { sid: poll.sid });
      wire.send(wrong);
      await wire.closed();
    }
    await poll.post('421["time",{}]');
    await poll.until((packet) => packet.startsWith('431['));
    const wire = await WebSocketWire.open(port, { sid: poll.sid });
    wire.send('2probe');
    assert.equal(await wire.text(), '3probe');
    wire.send('5');
    assert.equal((await wire.ask('time', {}, 9)).ok, true);
    wire.close();
  });

  it('a probe that goes away leaves the session on polling', async () => {
    const { poll, wire } = await probed();
    wire.close();
    await poll.post('421["time",{}]');
    await poll.until((packet) => packet.startsWith('431['));
  });

  it('a second WebSocket for the same session is closed, the session untouched', async () => {
    const { poll, wire } = await probed();
    const second = await WebSocketWire.open(port, { sid: poll.sid });
    await second.closed();
    wire.send('5');
    assert.equal((await wire.ask('time', {})).ok, true);
    const third = await WebSocketWire.open(port, { sid: poll.sid }).catch(({ answer }) => { assert.equal(answer.status, 400); });
    await third?.closed();
    assert.equal((await wire.ask('time', {}, 2)).ok, true);
    wire.close();
  });

  it('closing the session closes the probe', async () => {
    const { poll, wire } = await probed();
    await poll.post('1');
    await wire.closed();
    await poll.gone();
  });

  it('the probe speaks the revision of the session', async () => {
    const poll = await Poll.open(port);
    const { raw, answer } = await ask_upgrade(port, target({ EIO: 3, transport: 'websocket', sid: poll.sid }));
    assert.equal(answer.status, 400);
    raw.close();
  });
});

describe('short heartbeats', () => {
  let quick;
  before(async () => {
    quick = await Server.start({ env: { KITH_SOCKETIO_PING_INTERVAL_MS: '300', KITH_SOCKETIO_PING_TIMEOUT_MS: '200', KITH_SOCKETIO_UPGRADE_TIMEOUT_MS: '250', KITH_SOCKETIO_CONNECT_TIMEOUT_MS: '600' } });
  });
  after(() => quick.stop());

  it('the server pings, and a client that answers stays', async () => {
    const wire = await WebSocketWire.session(quick.port, { user: fresh('ann') });
    for (let i = 0; i < 3; i += 1) { await wire.until((text) => text === '2'); }
    assert.equal((await wire.ask('time', {})).ok, true);
    wire.close();
  });

  it('a client that does not answer is closed, on WebSocket and on polling', async () => {
    const wire = await WebSocketWire.session(quick.port);
    wire.send('40{"user":"silent"}');
    await wire.closed(3000);
    const poll = await Poll.open(quick.port);
    await poll.connect(fresh('ann'));
    await poll.until((packet) => packet === '2', 'ping', { pong: false });
    await poll.gone();
  });

  it('a session that is never polled ends too', async () => {
    const poll = await Poll.open(quick.port);
    await poll.gone();
  });

  it('in revision 3 the client pings, the server answers, and silence ends it', async () => {
    const wire = await WebSocketWire.session(quick.port, { eio: 3, user: fresh('ann') });
    for (let i = 0; i < 3; i += 1) { wire.send('2'); assert.equal(await wire.until((text) => text.startsWith('3')), '3'); }
    await wire.closed(3000);
  });

  it('a heartbeat in the wrong direction ends the session', async () => {
    const four = await WebSocketWire.session(quick.port, { user: fresh('ann') });
    four.send('2');
    await four.closed();
    const three = await WebSocketWire.session(quick.port, { eio: 3, user: fresh('ann') });
    three.send('3');
    await three.closed();
  });

  it('an abandoned probe is closed and does not keep the session alive', async () => {
    const poll = await Poll.open(quick.port);
    const wire = await WebSocketWire.open(quick.port, { sid: poll.sid });
    wire.send('2probe');
    await wire.closed(3000);
    await poll.gone();
  });

  it('who joins no namespace is closed', async () => {
    const wire = await WebSocketWire.session(quick.port);
    await assert.rejects(wire.until(() => false), /closed/);   // pings are answered: only the missing CONNECT is left
  });
});

describe('revision 3 switched off', () => {
  it('is refused with code 5', async () => {
    const modern = await Server.start({ env: { KITH_SOCKETIO_ALLOW_EIO3: 'false' } });
    try {
      await assert_error(http(modern.port, 'GET', target({ EIO: 3, transport: 'polling' })), 400, 5, 'Unsupported protocol version');
      await assert_error(http(modern.port, 'GET', target({ transport: 'polling' })), 400, 5, 'Unsupported protocol version');
      const { raw, answer } = await ask_upgrade(modern.port, target({ EIO: 3, transport: 'websocket' }));
      assert.equal(answer.status, 400);
      raw.close();
      assert.equal((await http(modern.port, 'GET', target({ EIO: 4, transport: 'polling' }))).status, 200);
    } finally {
      await modern.stop();
    }
  });
});
