// Mixed traffic for MINUTES (10) after a warm-up that is as long: one to one, groups, rooms, typing, presence, receipts, by kith-bench and by stock clients of every
// version that come and go. Nothing is lost; after the warm-up resident memory and file descriptors stay where they are.
// SHORT=1: 20 seconds, and only what does not depend on how fast the machine is: nothing lost, everything given back at the end.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Crowd, matrix } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';

const short = process.env.SHORT === '1';
const warm_up = 0.5;            // of the time: rings, tails and the caches of the database fill up to their limits, the allocator finds its size
const seconds = short ? 20 : Math.round((Number(process.env.MINUTES || 10) * 60) / (1 - warm_up));
const bench = process.env.KITH_TEST_BENCH_BIN || fileURLToPath(new URL('../../build/release/kith-bench', import.meta.url));
const load = { connections: 300, rate: 150, reconnects: 5 };
const visitors = 9;             // one of each version and way of transport
const resident_growth_max = 0.05;   // of the mean, from the end of the warm-up to the end, by regression
const descriptors_growth_max = 8;   // likewise: who comes and goes is not there at the same time in every second

/** Growth over the samples by least squares, in their unit. */
export function growth(samples) {
  const n = samples.length;
  const mean_x = (n - 1) / 2;
  const mean_y = samples.reduce((sum, y) => sum + y, 0) / n;
  let above = 0;
  let below = 0;
  samples.forEach((y, x) => { above += (x - mean_x) * (y - mean_y); below += (x - mean_x) ** 2; });
  return { mean: mean_y, grown: (above / below) * (n - 1) };
}

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/** Someone with a stock client who comes, does a bit of everything, and goes, now politely, now not. */
class Visitor {
  constructor(crowd, number, cid) {
    Object.assign(this, { crowd, number, cid, user: `visitor${number}`, visits: 0, acked: [], going_on: true });
  }

  async stay() {
    while (this.going_on) {
      const { version, way } = matrix[(this.number + this.visits) % matrix.length];
      const client = await this.crowd.join({ user: this.user, device: 'soak', version, way });
      try { await this.#act(client); } finally { this.#leave(client); }
      this.visits += 1;
    }
  }

  async #act(client) {
    await client.settled();
    await client.call('room.join', { room: 'hall' });
    await client.call('presence.subscribe', { users: Array.from({ length: visitors }, (_, i) => `visitor${i}`).filter((user) => user !== this.user) });
    await client.ask('typing.start', { cid: this.cid });   // a second after the last stop it is refused, which is right
    for (let n = 0; n < 5; n += 1) {
      const client_id = `${this.user}-${this.visits}-${n}`;
      const { seq } = await client.call('message.send', { cid: this.cid, text: `${client_id} says hello`, client_id });
      this.acked.push([client_id, seq]);
      await client.call('room.send', { room: 'hall', data: { n }, echo: true });
      await client.event('room.data', ({ from, data }) => from === this.user && data.n === n);
      await client.call('receipt.read', { cursors: [{ cid: this.cid, seq }] });
    }
    await client.call('typing.stop', { cid: this.cid });
    await client.call('presence.set', { status: this.visits % 2 ? 'away' : 'online' });
    await client.call('conversation.list', { limit: 10 });
  }

  #leave(client) {
    if (this.visits % 3 === 0) client.socket.io.engine.transport.ws?.terminate?.();
    client.close();
    this.crowd.clients.splice(this.crowd.clients.indexOf(client), 1);
  }
}

async function begin_visits(crowd) {
  const users = Array.from({ length: visitors }, (_, i) => `visitor${i}`);
  const owner = await crowd.join({ user: users[0], device: 'first' });
  const { cid } = await owner.call('conversation.create', { kind: 'group', title: 'Hall', members: users.slice(1) });
  owner.close();
  return users.map((_, i) => new Visitor(crowd, i, cid));
}

/** kith-bench beside it: its verdict. */
function talk(server, folder) {
  const report = join(folder, 'bench.json');
  const args = ['mixed', '--dev', '--quiet', '--server', `127.0.0.1:${server.port}`, '--server-key', server_key(server), '--seconds', String(seconds), '--pid', `kith=${server.pid}`, '--json', report,
    ...Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)])];
  return new Promise((done) => {
    execFile(bench, args, (error, stdout, stderr) => {
      let said;
      try { said = JSON.parse(readFileSync(report, 'utf8')); } catch { said = { verdict: 'no report', reasons: [stdout + stderr] }; }
      done({ ...said, code: error?.code ?? 0 });
    });
  });
}

const server_key = (server) => /server key for this run: (sk_\S+)/.exec(server.log)[1];

async function watch(server, samples, going) {
  while (going()) {
    samples.push({ resident: server.resident_bytes(), descriptors: descriptors(server.pid) });
    await new Promise((next) => setTimeout(next, 1000));
  }
}

const sessions = async (server) => Number(/^kith_sessions (\d+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())[1]);

async function check_visits(crowd, all) {
  const reader = await crowd.join({ user: all[0].user, device: 'reader' });
  const stored = new Map((await reader.history(all[0].cid)).map((message) => [message.client_id, message.seq]));
  for (const { acked, user } of all) for (const [client_id, seq] of acked) assert.equal(stored.get(client_id), seq, `${user}: ${client_id} was acknowledged`);
  assert.equal(stored.size, all.reduce((sum, { acked }) => sum + acked.length, 0), 'every message is there once');
  reader.close();
}

async function soak(server, crowd, folder) {
  const passed = [];
  const ok = (what) => { passed.push(what); console.log(`ok    ${what}`); };
  const all = await begin_visits(crowd);
  await until(async () => (await sessions(server)) === 0, 'nobody is there before it begins');
  const before = descriptors(server.pid);
  const samples = [];
  let going = true;
  const watched = watch(server, samples, () => going);
  const visits = all.map((visitor) => visitor.stay());
  const failed_visit = Promise.all(visits);
  const report = await Promise.race([talk(server, folder), failed_visit.then(() => assert.fail('the visitors left early'))]);
  going = false;
  for (const visitor of all) visitor.going_on = false;
  await Promise.all([watched, ...visits]);
  judge_load(report);
  ok(`kith-bench: ${report.totals.sent} messages, ${report.totals.delivered} deliveries, none lost, doubled or out of order`);
  await check_visits(crowd, all);
  ok(`${all.reduce((sum, { visits: count }) => sum + count, 0)} visits of stock clients of every version: all they sent is stored once`);
  if (!short) judge(samples, ok);
  await until(async () => (await sessions(server)) === 0 && descriptors(server.pid) <= before, () => `${descriptors(server.pid)} descriptors, ${before} before`, 60_000);
  ok('all sessions and file descriptors are given back');
  return passed.length;
}

/** Nothing lost, doubled, out of order, unanswered or refused. */
function judge_load({ totals, errors = {}, reasons = [] }) {
  assert.deepEqual([reasons, errors], [[], {}]);
  assert.ok(totals.delivered > 0 && totals.lost + totals.duplicated + totals.reordered + totals.unanswered + totals.refused === 0, JSON.stringify(totals));
}

/** Its middle value in each minute: a leak is a slope, a cache that fills is a bend, an allocator's doing goes up and down. */
function by_minute(values) {
  const middle = (some) => [...some].sort((a, b) => a - b)[Math.floor(some.length / 2)];
  return Array.from({ length: Math.ceil(values.length / 60) }, (_, minute) => middle(values.slice(minute * 60, minute * 60 + 60)));
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function judge(samples, ok) {
  const steady = samples.slice(Math.floor(samples.length * warm_up));
  const resident = growth(steady.map((one) => one.resident));
  const open = growth(steady.map((one) => one.descriptors));
  console.log(`      resident, minute by minute: ${by_minute(samples.map((one) => one.resident)).map(mib).join(', ')}`);
  const said = `resident ${mib(resident.mean)}, ${mib(resident.grown)} grown; ${open.mean.toFixed(0)} descriptors, ${open.grown.toFixed(1)} grown, in ${steady.length} s`;
  assert.ok(resident.grown <= resident.mean * resident_growth_max, `memory grows: ${said}`);
  ok(said);
  assert.ok(open.grown <= descriptors_growth_max, `descriptors grow: ${said}`);
  ok('file descriptors stay');
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'kith-soak-'));
  const server = await Server.start();
  const crowd = new Crowd(server.url);
  let passed = 0;
  let failed = 0;
  try {
    passed = await soak(server, crowd, folder);
    crowd.close();
    await server.stop();
  } catch (error) {
    failed = 1;
    console.log(`FAIL  ${error.stack}\n${server.log.slice(-2000)}`);
    crowd.close();
    if (server.alive()) await server.kill9();
    server.remove_data();
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed);
}

process.on('unhandledRejection', (error) => { console.log(`FAIL  ${error.stack}`); console.log('0 passed, 1 failed'); process.exit(1); });
if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
