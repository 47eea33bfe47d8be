// Real processes under real faults, ROUNDS times (20): clients of three generations send without pause over polling, WebSocket and
// upgrades while faults drawn from SEED happen to server, disk and wire; then everybody settles, the server is stopped and started
// again, and the clients' own logs are compared with what it has (faults/judge.mjs). All counts must be 0.
// Before them a round in which acknowledged commits are taken away: there the judge must find violations.
//   SEED=n        draws every round as before, as far as real processes allow; ROUND=k runs only that one
//   KINDS=a,b     only rounds of these kinds;  FAULTS=n (3) in each;  HOLD_MS_MAX=n  none lasts longer
//   WITHIN=a,b    `deliver_within` of a round is one of these (0,5,committed; `default`: not set)
//   MESSAGES=n    acknowledged at least, per round (10,000);  WINDOW=n (16) sends of a device not yet answered
// A million in six minutes: ROUNDS=24 MESSAGES=42000 FAULTS=2.
// A line per round, a table by kind, then `N passed, N failed`. The log of a round that failed (KEEP=1: of each) lies in build/faults/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { until } from '../support/deadline.mjs';
import { Chance } from './faults/chance.mjs';
import { Host } from './faults/host.mjs';
import { judge, rules } from './faults/judge.mjs';
import { draw, kinds, needs_of } from './faults/kinds.mjs';
import { World } from './faults/world.mjs';

const env = (name, otherwise) => Number(process.env[name] || otherwise);
const rounds = env('ROUNDS', 20);
const seed = env('SEED', Date.now() % 1_000_000);
const only = env('ROUND', 0);
const messages_min = env('MESSAGES', 10_000);
const hold_ms_max = env('HOLD_MS_MAX', 10_000);
const faults_per_round = env('FAULTS', 3);
const window = env('WINDOW', 16);
const withins = (process.env.WITHIN || '0,5,committed').split(',');
const keeps_all = Boolean(process.env.KEEP);
const chosen = process.env.KINDS ? process.env.KINDS.split(',') : kinds;
const evidence = resolve(dirname(fileURLToPath(import.meta.url)), '../../build/faults');
const progress_deadline_ms = 60_000;
const settle_deadline_ms = 90_000;
const planted = { kind: 'planted', faults: 1, messages: 1_000, settle_ms: 2_000 };
let open_host;   // closed too when the run is interrupted: a tmpfs is mounted

/** The next `count` acknowledgements. */
async function progress(world, host, count) {
  const goal = world.acked + count;
  await until(() => { if (host.broken) throw host.broken; return world.acked >= goal; }, () => `${count} acknowledgements; ${goal - world.acked} lack`, progress_deadline_ms);
}

async function torment(world, host, random, plan, said) {
  world.talk();
  for (let i = 0; i < plan.faults; i += 1) {
    await progress(world, host, random.between(50, 500));
    const fault = draw(plan.kind, random, hold_ms_max);
    said.push({ at: Math.round(performance.now()), fault: fault.said });
    await fault.happen(host);
    if (host.broken) throw host.broken;
  }
  await progress(world, host, Math.max(100, plan.messages - world.acked));
}

/** Violations of the settling itself; what was lost on the way the judge finds. */
async function settle(world, host, settle_ms) {
  world.pause();
  const late = [];
  await until(() => world.unanswered() === 0, () => `${world.unanswered()} sends are not answered`, settle_ms).catch((error) => late.push(error));
  const places = world.places();   // all are answered: they stay
  if (!late.length) await until(() => world.complete(places), 'everybody has everything', settle_ms).catch((error) => late.push(error));
  if (host.broken) throw host.broken;
  return late.map((error) => ({ rule: 'lacks', said: error.message }));
}

/** Who has asked to wait for the commit is shown nothing before it. */
function untimely(within, world) {
  const { early } = world.hardships();
  return within === 'committed' && early ? [{ rule: 'early', said: `${early} were shown early, though deliver_within is committed` }] : [];
}

async function compare(world, host) {
  world.close();
  await host.stop();
  await host.restart();
  const { devices, conversations } = world;
  return judge({ devices, conversations, stored: await world.stored(), listed: await world.listed() });
}

function keep(number, kind, { violations, said }, world, host) {
  mkdirSync(evidence, { recursive: true });
  const lines = [{ seed, round: number, kind, violations, said, ended: host?.ended, log: host?.server.log },
    ...(world?.devices ?? []).map(({ name, user, version, way, sends, heard }) =>
      ({ name, user, version, way, sends: sends.map(({ timer, on_ack, ...entry }) => entry), heard }))];
  const file = join(evidence, `seed-${seed}-round-${number}-${kind}.jsonl`);
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

async function round(number, plan) {
  const { kind } = plan;
  const random = new Chance(seed).branch(number);
  // Half of the rounds notice a dead peer soon, half hardly ever within the round. A stock client whose upgrade dies between `3probe`
  // and `5` has stopped polling and stays deaf until its own ping timeout: rounds where many are cut would only wait for that.
  const pings = needs_of(kind).pings || random.is(0.5) ? { KITH_SOCKETIO_PING_INTERVAL_MS: '1000', KITH_SOCKETIO_PING_TIMEOUT_MS: '2000' } : {};
  const within = random.one(withins);
  const waits = within === 'default' ? {} : { KITH_APP_DEFAULTS_DELIVER_WITHIN: within };
  const result = { kind, within, acked: 0, delivered: 0, violations: [], said: [] };
  let host;
  let world;
  try {
    host = open_host = await Host.open({ ...needs_of(kind), env: { ...pings, ...waits } });
    world = await World.open(host, random.branch(0), window);
    await torment(world, host, random, plan, result.said);
    const late = await settle(world, host, plan.settle_ms);
    const { violations, acked, delivered } = await compare(world, host);
    Object.assign(result, { acked, delivered, violations: [...violations, ...late, ...untimely(within, world)] });
  } catch (error) {
    result.violations.push({ rule: 'broken', said: error.stack });
  }
  if (keeps_all || (result.violations.length && kind !== planted.kind)) result.file = keep(number, kind, result, world, host);
  world?.close();
  Object.assign(result, { ended: host?.ended ?? [], cuts: host?.wire?.cuts ?? 0, ...world?.hardships() });
  await host?.close();
  open_host = undefined;
  return result;
}

function tell(number, { kind, within, acked, delivered, violations, said, ended, file, sessions, again, refused, gaps, early, swings, cuts }, took_ms) {
  const faults = said.map(({ fault }) => fault).join(', ');
  const met = `${sessions} sessions, ${again} sent again, ${refused} refused, ${gaps} gaps, ${early} early, ${swings} at the door, ${cuts} cut`;
  const ends = ended.length ? `; ended by itself ${ended.length} times with ${[...new Set(ended)].join(' ')}` : '';
  console.log(`${violations.length ? 'FAIL ' : 'ok   '} round ${number} ${kind}, within ${within}: ${acked} acknowledged, ${delivered} delivered, ${violations.length} violations in ${(took_ms / 1000).toFixed(1)} s: ${faults}; ${met}${ends}`);
  if (!violations.length) return;
  console.log(`      again: SEED=${seed} ROUND=${number} ROUNDS=${rounds} KINDS=${chosen}; log: ${file}`);
  for (const rule of [...rules, 'broken']) {
    const these = violations.filter((violation) => violation.rule === rule);
    if (these.length) console.log(`      ${these.length} ${rule}: ${these.slice(0, 3).map((violation) => violation.said).join('; ')}`);
  }
}

/** Whether a loss that is known to be there was found. */
async function prove() {
  const { violations } = await round(0, planted);
  const found = violations.some(({ rule }) => rule === 'lost') && !violations.some(({ rule }) => rule === 'broken');
  console.log(`${found ? 'ok   ' : 'FAIL '} round 0 planted: commits that were taken away are found lost (${violations.length} violations)`);
  if (!found) console.log(violations.slice(0, 3).map(({ said }) => `      ${said}`).join('\n'));
  return found;
}

function table(results, took_ms) {
  const row = (cells) => console.log(`# ${cells.map((cell, i) => (i ? String(cell).padStart(11) : String(cell).padEnd(9))).join('')}`);
  const sum = (of, count) => of.reduce((all, result) => all + count(result), 0);
  const line = (name, of) => row([name, of.length, sum(of, ({ acked }) => acked), sum(of, ({ delivered }) => delivered), sum(of, ({ violations }) => violations.length)]);
  row(['fault', 'rounds', 'acked', 'delivered', 'violations']);
  for (const kind of chosen) line(kind, results.filter((result) => result.kind === kind));
  line('all', results);
  console.log(`# ${Math.round(sum(results, ({ acked }) => acked) / took_ms * 60_000)} acknowledged a minute, faults and comparing included`);
}

async function main() {
  const began = performance.now();
  const results = [];
  console.log(`# seed ${seed}, ${only ? `round ${only}` : `${rounds} rounds`} of ${chosen.join(' ')}`);
  const proved = only ? [] : [await prove()];
  for (let number = only || 1; number <= (only || rounds); number += 1) {
    const start = performance.now();
    const result = await round(number, { kind: chosen[(number - 1) % chosen.length], faults: faults_per_round, messages: messages_min, settle_ms: settle_deadline_ms });
    results.push(result);
    tell(number, result, performance.now() - start);
  }
  table(results, performance.now() - began);
  const failed = results.filter(({ violations }) => violations.length).length + proved.filter((found) => !found).length;
  console.log(`${results.length + proved.length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

// A client library that throws in a handler is a finding, not a crash of the judge.
process.on('unhandledRejection', (error) => { console.log(`FAIL  ${error.stack}\n0 passed, 1 failed`); process.exit(1); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { Promise.resolve(open_host?.close()).finally(() => process.exit(1)); });
await main();
