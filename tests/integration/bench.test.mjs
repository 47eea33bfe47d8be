// The load generator against the release binary, each scenario for a moment, and against a server that makes mistakes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server } from '../support/server.mjs';
import { TinyChat } from '../support/tiny_chat.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const bench_bin = resolve(root, process.env.KITH_TEST_BENCH_BIN || 'build/release/kith-bench');
const folder = mkdtempSync(join(tmpdir(), 'kith-bench-'));
const moment = ['--warmup', '0.1', '--seconds', '0.3', '--drain', '10'];
const deadline_ms = 60_000;
let runs = 0;

after(() => rmSync(folder, { recursive: true, force: true }));

/** {code, out, err, json} of one run. */
function bench(...args) {
  const file = join(folder, `${runs += 1}.json`);
  return new Promise((done) => {
    execFile(bench_bin, [...args, '--json', file], { timeout: deadline_ms }, (error, out, err) => {
      const json = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8').trim()) : undefined;
      done({ code: error ? error.code ?? error.signal : 0, out, err, json });
    });
  });
}

function clean(run) {
  assert.equal(run.code, 0, run.out + run.err);
  assert.equal(run.json.verdict, 'ok');
  const { lost, duplicated, reordered, refused, unanswered } = run.json.totals;
  assert.deepEqual({ lost, duplicated, reordered, refused, unanswered }, { lost: 0, duplicated: 0, reordered: 0, refused: 0, unanswered: 0 });
  return run.json;
}

describe('the load generator against Kith', () => {
  let server;
  let known;
  before(async () => {
    server = await Server.start();
    const key = /sk_[\w-]+/.exec(server.log)[0];
    known = ['--dev', '--server', `127.0.0.1:${server.port}`, '--server-key', key, '--pid', `kith=${server.pid}`, ...moment];
  });
  after(() => server.stop());

  it('pairs in a closed loop: everything sent is acked and delivered', async () => {
    const { totals, connected, servers, options } = clean(await bench('pairs', ...known, '--pairs', '5', '--duplex'));
    assert.equal(connected, 10);
    assert.ok(totals.sent > 10);
    assert.equal(totals.delivered, totals.sent);
    assert.ok(servers.kith.resident > 1e6);
    assert.equal(options.pairs, 5);
  });

  it('pairs at a rate', async () => {
    const { totals } = clean(await bench('pairs', ...known, '--pairs', '5', '--rate', '100'));
    assert.ok(totals.sent >= 30 && totals.sent <= 41, `${totals.sent}`);
  });

  it('groups: each message reaches every other member', async () => {
    const { totals } = clean(await bench('group', ...known, '--groups', '2', '--size', '7', '--senders', '2', '--window', '2'));
    assert.ok(totals.sent > 0);
    assert.equal(totals.delivered, totals.sent * 6);
  });

  it('groups of more members than one request takes', async () => {
    const { totals, connected } = clean(await bench('group', ...known, '--groups', '1', '--size', '1100', '--rate', '20'));
    assert.equal(connected, 1_100);
    assert.equal(totals.delivered, totals.sent * 1_099);
  });

  it('conversations are divided among threads', async () => {
    const { totals, connected } = clean(await bench('pairs', ...known, '--pairs', '5', '--threads', '2'));
    assert.equal(connected, 10);
    assert.equal(totals.delivered, totals.sent);
  });

  it('idle: memory of connections and of further memberships', async () => {
    const { connected, servers } = clean(await bench('idle', ...known, '--connections', '40', '--memberships', '1', '--further', '2', '--size', '10', '--hold', '0.1'));
    assert.equal(connected, 40);
    assert.equal(typeof servers.kith.bytes_per_connection, 'number');
    assert.equal(typeof servers.kith.bytes_per_membership, 'number');
  });

  it('storm: all come back twice and are given what they missed', async () => {
    const { rounds, totals } = clean(await bench('storm', ...known, '--connections', '40', '--memberships', '2', '--size', '10', '--reconnects', '2', '--messages', '3'));
    assert.equal(rounds.length, 2);
    assert.equal(totals.sent, 2 * 3 * 8);
    assert.equal(totals.delivered, 2 * 3 * 2 * 40);
  });

  it('catchup: devices that were away are given everything while others talk', async () => {
    const { catchup_ms, totals } = clean(await bench('catchup', ...known, '--devices', '2', '--messages', '1000', '--pairs', '2', '--rate', '100'));
    assert.equal(catchup_ms.count, 2);
    assert.ok(totals.delivered >= 2_000);
  });

  it('room: every tick reaches every other player', async () => {
    const { ticks, totals } = clean(await bench('room', ...known, '--rooms', '3', '--size', '4', '--hz', '20'));
    assert.equal(ticks.lost, 0);
    assert.equal(totals.delivered, totals.sent * 3);
  });

  it('history: whole pages in the right order, also of a conversation that was filled before', async () => {
    const { page_ms, totals } = clean(await bench('history', ...known, '--connections', '3', '--messages', '500', '--tag', 'filled'));
    assert.ok(page_ms.count > 0);
    assert.equal(totals.acked, 500);
    const again = clean(await bench('history', ...known, '--connections', '3', '--conversation', 'filledhistory', '--tag', 'filled', '--rate', '100'));
    assert.equal(again.totals.sent, 0);
    assert.ok(again.page_ms.count > 0);
  });

  it('mixed: what the server does not offer fails nothing, and who goes away misses nothing', async () => {
    const { totals } = clean(await bench('mixed', ...known, '--connections', '30', '--rate', '200', '--reconnects', '30'));
    assert.ok(totals.sent > 0);
    assert.equal(totals.delivered, totals.expected);
  });

  it('^C ends a run early with a report', async () => {
    const file = join(folder, 'interrupted.json');
    const child = execFile(bench_bin, ['pairs', ...known, '--pairs', '2', '--warmup', '0', '--seconds', '50', '--json', file]);
    const exited = new Promise((done) => { child.once('exit', done); });
    await new Promise((done) => { child.stderr.on('data', (text) => { if (/[1-9]\d* delivered/.test(text)) done(); }); });
    child.kill('SIGINT');
    assert.equal(await exited, 0);
    const { seconds, totals } = JSON.parse(readFileSync(file, 'utf8'));
    assert.ok(seconds < 50);
    assert.equal(totals.delivered, totals.sent);
  });
});

describe('the load generator with tokens', () => {
  it('signs them itself', async () => {
    const server = await Server.start({ serve: ['serve'] });
    try {
      await server.run('app', 'create', 'shop').catch(() => {});
      const said = await server.run('app', 'key', 'add', 'shop', '--kind', 'signing');
      const [, kid] = /kid[= :]+(\S+)/.exec(said) ?? [];
      const [, secret] = /secret[= :]+(\S+)/.exec(said) ?? [];
      assert.ok(kid && secret, said);
      clean(await bench('pairs', '--server', `127.0.0.1:${server.port}`, '--app', 'shop', '--kid', kid, '--key', secret, '--pairs', '2', '--rate', '20', ...moment));
      const wrong = await bench('pairs', '--server', `127.0.0.1:${server.port}`, '--app', 'shop', '--kid', kid, '--key', 'another', '--pairs', '2', ...moment);
      assert.equal(wrong.code, 2);
      assert.match(wrong.err, /unauthenticated/);
    } finally { await server.stop(); }
  });
});

describe('the load generator against a server that makes mistakes', () => {
  const held = [];
  const faults = [
    ['loses a message', { deliver: (n, message) => (n === 7 ? [] : [message]) }, 'lost', 1],
    ['delivers a message twice', { deliver: (n, message) => (n === 7 ? [message, message] : [message]) }, 'duplicated', 1],
    ['swaps two messages', { deliver: (n, message) => { if (n === 7) { held.push(message); return []; } return [message, ...held.splice(0)]; } }, 'reordered', 1],
    ['refuses a message', { deliver: (n, message) => (n === 7 ? [] : [message]), answer: (n) => (n === 7 ? { ok: false, error: { code: 'overloaded' } } : { ok: true }) }, 'refused', 1],
    ['does not answer', { answer: (n) => (n === 7 ? undefined : { ok: true }) }, 'unanswered', 1],
    ['delivers to a stranger', { deliver: (n, message) => (n === 7 ? [message, { ...message, to: message.to.replace(/u(.)$/, (_, to) => (to === '1' ? 'u3' : 'u1')) }] : [message]) }, 'strange', 1],
  ];
  const one_pair = ['--pairs', '1', '--rate', '200', '--warmup', '0.1', '--seconds', '0.2', '--drain', '0.5'];

  for (const [what, options, total, count] of faults) {
    it(`notices one that ${what}`, async () => {
      const chat = await TinyChat.start(options);
      try {
        const pairs = total === 'strange' ? ['--pairs', '2'] : [];
        const run = await bench('pairs', '--dev', '--server', `127.0.0.1:${chat.port}`, ...one_pair, ...pairs);
        assert.equal(run.code, 1, run.out + run.err);
        assert.equal(run.json.verdict, 'failed');
        assert.equal(run.json.totals[total], count, run.out);
        assert.match(run.out, /FAILED/);
        for (const other of ['lost', 'duplicated', 'reordered']) if (other !== total) assert.equal(run.json.totals[other], 0, run.out);
      } finally { await chat.close(); }
    });
  }

  it('finds nothing to complain of when there is nothing, whatever the order of keys', async () => {
    const chat = await TinyChat.start();
    try {
      const { totals } = clean(await bench('pairs', '--dev', '--server', `127.0.0.1:${chat.port}`, ...one_pair));
      assert.ok(totals.sent >= 50);
      assert.equal(totals.delivered, totals.sent);
    } finally { await chat.close(); }
  });

  it('takes a server without hello when told so', async () => {
    const chat = await TinyChat.start({ hello: false });
    try {
      clean(await bench('pairs', '--dev', '--ready', 'connect', '--server', `127.0.0.1:${chat.port}`, ...one_pair));
    } finally { await chat.close(); }
  });
});

describe('the load generator by itself', () => {
  it('says what is wrong with its options, and how to get help', async () => {
    const wrong = await bench('pairs', '--dev', '--pairs', '0');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--pairs takes 1 to 9500/);
    const help = await new Promise((done) => { execFile(bench_bin, ['--help'], (error, out) => done({ error, out })); });
    assert.equal(help.error, null);
    assert.match(help.out, /scenarios: pairs, group, idle, storm, catchup, room, history, mixed/);
  });

  it('says that no server is there', async () => {
    const chat = await TinyChat.start();
    await chat.close();
    const run = await bench('pairs', '--dev', '--pairs', '1', '--server', `127.0.0.1:${chat.port}`, ...moment);
    assert.equal(run.code, 2);
    assert.match(run.err, /nobody could connect: Connection refused/);
  });
});
