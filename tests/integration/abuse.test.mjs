// Clients that mean harm, many at once: their connections end, their memory comes back, and others are served meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Crowd } from '../support/clients.mjs';
import { default_deadline_ms, until } from '../support/deadline.mjs';
import { Pulse } from '../support/pulse.mjs';
import { Poll, Raw, ask_upgrade, frame, head, op, target } from '../support/raw.mjs';
import { Server } from '../support/server.mjs';

const served_within_ms = 10_000;
const slack_bytes = 48 * 1024 * 1024;   // of what an allocator keeps for the next time
const at_a_time = 250;                  // connections begun together: a listen queue is finite
const served = 3;                       // sessions of those who talk and ask meanwhile
const deadline_ms = 4 * default_deadline_ms;

const env = {
  KITH_SERVER_REACTORS: '2',
  KITH_SOCKETIO_CONNECT_TIMEOUT_MS: '20000',
  KITH_SOCKETIO_UPGRADE_TIMEOUT_MS: '5000',
  KITH_SOCKETIO_PING_INTERVAL_MS: '2000',
  KITH_SOCKETIO_PING_TIMEOUT_MS: '8000',
  // What is freed is given back at once, so that memory can be looked at.
  ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1`,
};

let server;
before(async () => { server = await Server.start({ env }); });
after(() => server.stop());

async function metric(name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)[1]);
}

/** `make(i)` for each i below count, so many at a time. */
async function many(count, make) {
  const all = [];
  for (let i = 0; i < count; i += at_a_time)
    all.push(...await Promise.all(Array.from({ length: Math.min(at_a_time, count - i) }, (_, k) => make(i + k))));
  return all;
}

/** Two who talk, and one who asks for the time, before, during and after `attack`; then all of it is gone. With `warm_up` it is done
 *  twice, and the second time takes no more than the first: what is kept of a conversation in use is no harm. */
async function withstand(attack, { warm_up = false } = {}) {
  const crowd = new Crowd(server.url);
  const pulse = await Pulse.of(server.url, 'witness');
  const [ann, bob] = [await crowd.join({ user: 'ann' }), await crowd.join({ user: 'bob' })];
  let said = 0;
  const talk = async () => {
    const { id } = await ann.call('message.send', { to: 'bob', text: `still there ${said += 1}` });
    await bob.event('message.new', (message) => message.id === id);
  };
  await talk();
  const before_connections = await until(() => metric('kith_connections'), 'a count of connections');
  if (warm_up) await attack(talk);
  const before_bytes = server.resident_bytes();
  await attack(talk);
  await talk();
  await until(async () => await metric('kith_connections') <= before_connections + 4, 'the connections have ended', deadline_ms);
  await until(() => server.resident_bytes() - before_bytes < slack_bytes, () => `memory comes back: ${server.resident_bytes() - before_bytes} bytes more`, deadline_ms);
  const worst = await pulse.stop();
  assert.ok(worst < served_within_ms, `someone waited ${worst} ms`);
  crowd.close();
  assert.ok(server.alive());
  server.check_log();
}

/** Writes a byte of `text` each time it is called, as slowly as the peer can stand. */
function dribbler(raw, text) {
  let at = 0;
  return () => { if (!raw.ended && at < text.length) raw.write(text[at++]); };
}

describe('slow-loris', () => {
  it('a thousand heads and bodies that come byte by byte are cut off by time, however steadily they come', () => withstand(async (talk) => {
    const poll = await Poll.open(server.port);
    const endless = `x: ${'y'.repeat(10_000)}`;
    const raws = await many(1_000, () => Raw.open(server.port));
    const dribblers = raws.map((raw, i) => {
      const start = i % 10 === 0
        ? head('POST', target({ EIO: 4, transport: 'polling', sid: poll.sid }), { 'Content-Length': 20_000 })
        : 'GET / HTTP/1.1\r\nHost: x\r\n';
      raw.write(start);
      return dribbler(raw, endless);
    });
    const feed = setInterval(() => { for (const dribble of dribblers) dribble(); }, 500);
    try {
      await talk();
      const heads = raws.filter((_, i) => i % 10 !== 0);
      await until(() => heads.every((raw) => raw.ended || raw.finished), () => `the heads are cut: ${heads.filter((raw) => !raw.ended && !raw.finished).length} stand`, deadline_ms);
      await talk();
      await until(() => raws.every((raw) => raw.ended || raw.finished), 'the bodies are cut', deadline_ms);
    } finally {
      clearInterval(feed);
      for (const raw of raws) raw.close();
    }
  }));
});

/** 431, or `closed`: who goes on sending after the answer may lose it to the reset. */
const refusal = (raw) => raw.answer(deadline_ms).then(({ status }) => status, (error) => (/^closed before/.test(error.message) ? 'closed' : error.message));

describe('header floods', () => {
  it('heads without end, from many at once, are refused at their limits', () => withstand(async (talk) => {
    const flood = Array.from({ length: 90 }, (_, i) => `h${i}: ${'z'.repeat(1_000)}\r\n`).join('');
    const raws = await many(1_000, async () => {
      const raw = await Raw.open(server.port);
      return raw.write(`GET / HTTP/1.1\r\nHost: x\r\n${flood}`);
    });
    await talk();
    const seen = await Promise.all(raws.map(refusal));
    assert.ok(seen.every((what) => what === 431 || what === 'closed'), String([...new Set(seen)]));
    assert.ok(seen.filter((what) => what === 431).length >= raws.length / 2, 'most are told why');
    for (const raw of raws) raw.close();
  }));

  it('thousands of tiny headers and requests in one go cost their sender only', () => withstand(async (talk) => {
    const tiny = Array.from({ length: 5_000 }, (_, i) => `a${i}:\r\n`).join('');
    const pipeline = head('GET', '/nothing/here').repeat(2_000);
    const raws = await many(200, async (i) => {
      const raw = await Raw.open(server.port);
      return raw.write(i % 2 ? `GET / HTTP/1.1\r\nHost: x\r\n${tiny}` : pipeline);
    });
    await talk();
    const seen = await Promise.all(raws.filter((_, i) => i % 2).map(refusal));
    assert.ok(seen.every((what) => what === 431 || what === 'closed'), String([...new Set(seen)]));
    for (const raw of raws) raw.close();
  }));
});

describe('half-open upgrades', () => {
  it('5,000 that never finish end by themselves, and their sessions with them', () => withstand(async (talk) => {
    const count = 5_000;
    const polls = await many(count, () => Poll.open(server.port));
    await talk();
    const probes = await many(count, async (i) => {
      const { raw, answer } = await ask_upgrade(server.port, target({ EIO: 4, transport: 'websocket', sid: polls[i].sid })).catch((error) => ({ error }));
      if (answer?.status === 101 && i % 2) raw.write(frame(op.text, '2probe'));
      return raw;
    });
    const open = probes.filter(Boolean);
    assert.ok(open.length > count / 2, `only ${open.length} upgrades`);
    await talk();
    await until(() => open.every((raw) => raw.ended || raw.finished), () => `the probes end: ${open.filter((raw) => !raw.ended && !raw.finished).length} stand`, deadline_ms);
    for (const raw of open) raw.close();
    await Promise.all([polls[0], polls[count - 1]].map((poll) => poll.gone()));
  }));
});

describe('abandoned polling', () => {
  it('1,000 sessions with mail for each that nobody fetches end by themselves', () => withstand(async (talk) => {
    const count = 1_000;
    // Those who are served all the while are counted, a little later than they came.
    const before_sessions = await until(async () => { const count = await metric('kith_sessions'); return count >= served && count; }, 'a count of sessions');
    const crowd = new Crowd(server.url);
    const eve = await crowd.join({ user: 'eve' });
    const { cid } = await eve.call('conversation.create', { kind: 'group', title: 'g', members: Array.from({ length: count }, (_, i) => `gone${i}`) });
    const polls = await many(count, async (i) => {
      const poll = await Poll.open(server.port);
      await poll.post(`40${JSON.stringify({ user: `gone${i}` })}`);
      return poll;
    });
    await until(async () => await metric('kith_sessions') > before_sessions + 1, 'they are there');
    for (let i = 0; i < 40; i += 1) await eve.call('message.send', { cid, text: `${i} ${'x'.repeat(4_000)}` });
    await talk();
    crowd.close();
    await until(async () => await metric('kith_sessions') <= before_sessions, 'the sessions have ended', deadline_ms);
    await Promise.all([polls[0], polls[count - 1]].map((poll) => poll.gone()));
  }, { warm_up: true }));
});
