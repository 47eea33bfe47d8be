// What is measured: a work for each row of the targets. A case is a run against one server; a line of the table compares two cases.
import { growth } from './growth.mjs';
import { kill } from './kill.mjs';
import { relay_works } from './relay.mjs';
import { install_peer } from '../peers/install.mjs';
import { start_kith, start_peer } from './servers.mjs';
import { at_least, at_most, at_most_times, none, times_less } from './statistics.mjs';
import { store } from './store.mjs';

const kith = (options) => () => start_kith(options);
const peer = (...args) => () => { install_peer(); return start_peer({ args }); };
const sqlite = (ack, ...more) => peer('--store', 'sqlite', '--ack', ack, ...more);

const per_message = (run) => run.server_cpu.us_per_message;
const per_delivery = (run) => run.server_cpu.us_per_delivery;
const cpu_message = 'server CPU, µs a message';
const cpu_delivery = 'server CPU, µs a delivery';

/** A case: one scenario of the load generator against a server started for it. */
const against = (start, args, options) => (bench) => bench.measure(start, args, options);

/** With Redis, which is emptied for each run; undefined where there is none. */
const with_redis = (start, args) => async (bench) => {
  if (!bench.redis) return undefined;
  bench.redis.empty();
  return bench.measure(() => start(bench.redis.url), args, { pids: { redis: bench.redis.pid } });
};
const of_server = (name) => (run) => run.servers.server[name];

const saturated = ['pairs', '--pairs', 100, '--window', 8];
const calm = ['pairs', '--pairs', 100, '--rate', 2_000];

const pairs = {
  name: 'pairs', title: 'One to one, saturated', how: '100 pairs, one sends, 8 messages in flight each; Kith acknowledges what is synced.',
  cases: {
    kith: against(kith(), saturated),
    commit: against(sqlite('commit'), saturated),
    immediate: against(sqlite('immediate'), saturated),
  },
  lines: [
    { what: cpu_message, peer: 'commit', kith: 'kith', of: per_message, must: times_less(4) },
    { what: cpu_message, peer: 'immediate', kith: 'kith', of: per_message, must: times_less(3.5) },
    { what: 'messages a second', peer: 'commit', kith: 'kith', of: (run) => run.delivered_per_s },
    { what: 'load generator, share of its core', peer: 'commit', kith: 'kith', of: (run) => run.generator.utilisation },
  ],
};

const rate = {
  name: 'rate', title: 'One to one at 2,000 messages a second', how: '100 pairs, open loop: latency counts from the moment a message was due. `early`: `deliver_within = 0`.',
  cases: {
    kith: against(kith(), calm),
    early: against(kith({ env: { KITH_APP_DEFAULTS_DELIVER_WITHIN: '0' } }), calm),
    commit: against(sqlite('commit'), calm),
    immediate: against(sqlite('immediate'), calm),
  },
  lines: [
    { what: cpu_message, peer: 'commit', kith: 'kith', of: per_message, must: times_less(4) },
    { what: `${cpu_message}, deliver_within 0`, peer: 'commit', kith: 'early', of: per_message },
    { what: 'delivery p50, ms, deliver_within 0', peer: 'immediate', kith: 'early', of: (run) => run.delivery_ms.p50, must: at_most(0.15, 'ms') },
    { what: 'of these the generator, late itself, p50, ms', peer: 'immediate', kith: 'early', of: (run) => run.late_ms.p50 },
    { what: 'delivery p99, ms, deliver_within 0', peer: 'immediate', kith: 'early', of: (run) => run.delivery_ms.p99, must: at_most(1.2, 'ms') },
    { what: 'delivery p99, ms', peer: 'commit', kith: 'kith', of: (run) => run.delivery_ms.p99 },
    { what: 'durable ack p50, ms', peer: 'commit', kith: 'kith', of: (run) => run.ack_ms.p50 },
    { what: 'durable ack p99, ms', peer: 'commit', kith: 'kith', of: (run) => run.ack_ms.p99, must: at_most_times(1.5) },
  ],
};

const groups_of = (groups, size) => {
  const args = ['group', '--groups', groups, '--size', size, '--window', 8];
  return {
    name: `group${size}`, title: `Groups of ${size.toLocaleString('en-US')}, saturated`,
    how: `${groups} groups, one sender in each, 8 messages in flight; the peer stores nothing here, Kith everything.`,
    cases: {
      kith: against(kith(), args),
      map: against(peer(), args),
      rooms: against(peer('--groups', 'rooms'), args),
      redis: with_redis((url) => start_peer({ args: ['--redis', url] }), args),
    },
    lines: [
      { what: cpu_delivery, peer: 'map', kith: 'kith', of: per_delivery, must: times_less(7) },
      { what: cpu_delivery, peer: 'rooms', kith: 'kith', of: per_delivery, must: times_less(7) },
      { what: `${cpu_delivery}, without Redis's own`, peer: 'redis', kith: 'kith', of: of_server('us_per_delivery') },
      { what: 'deliveries a second', peer: 'map', kith: 'kith', of: (run) => run.delivered_per_s },
    ],
  };
};

const with_token = (options) => kith({ token: true, ...options });

const idle = {
  name: 'idle', title: 'Idle connections', runs: 1,
  how: '10,000 connections with token, user and one group of 100 each; Kith then with four more groups each.',
  cases: {
    kith: (bench) => bench.measure(with_token(), idle_args(bench, ['--further', 4])),
    peer: (bench) => bench.measure(() => { install_peer(); return start_peer({ token: true }); }, idle_args(bench)),
  },
  lines: [
    { what: 'bytes a connection', peer: 'peer', kith: 'kith', of: of_server('bytes_per_connection'), must: at_most(2_000) },
    { what: 'bytes a further membership', kith: 'kith', of: of_server('bytes_per_membership'), must: at_most(100) },
  ],
};
const idle_args = ({ short }, more = []) => ['idle', '--connections', short ? 500 : 10_000, '--memberships', 1, '--size', 100, '--hold', short ? 1 : 10, ...more];

const storm = {
  name: 'storm', title: 'Connecting', how: '10,000 connects, 200 handshakes in flight: token checked, memberships read, hello sent.',
  cases: {
    kith: (bench) => bench.measure(with_token(), storm_args(bench)),
    plain: (bench) => bench.measure(() => { install_peer(); return start_peer({ token: true }); }, storm_args(bench)),
    'SQLite and Redis': async (bench) => with_redis((url) => start_peer({ args: ['--store', 'sqlite', '--redis', url], token: true }), storm_args(bench))(bench),
  },
  lines: [
    { what: 'server CPU, µs a connect', peer: 'plain', kith: 'kith', of: (run) => run.server_cpu.us_per_connect, must: at_most(60, 'µs') },
    { what: "server CPU, µs a connect, without Redis's own", peer: 'SQLite and Redis', kith: 'kith', of: of_server('us_per_connect') },
    { what: 'connects a second', peer: 'plain', kith: 'kith', of: (run) => run.connects_per_s },
  ],
};
const storm_args = ({ short }) => ['storm', '--connections', short ? 500 : 10_000, '--burst', 200, '--memberships', 1, '--size', 100];

// As many pages in flight as 12,000 a second within 3 ms leave room for: their mean is then 1.3 ms.
const readers = 16;
const history = {
  name: 'history', title: 'History pages', runs: 1, how: `pages of 50 at random places of one long conversation (HISTORY messages), warm, ${readers} in flight, as fast as they come.`,
  cases: { kith: (bench) => bench.measure(kith(), ['history', '--messages', history_messages(bench), '--connections', readers]) },
  lines: [
    { what: 'pages a second a core', kith: 'kith', of: (run) => 1e6 / run.server_cpu.us_per_page, must: at_least(12_000) },
    { what: 'page p99, ms', kith: 'kith', of: (run) => run.page_ms.p99, must: at_most(3, 'ms') },
  ],
};
const history_messages = ({ short }) => Number(process.env.HISTORY ?? (short ? 1_000 : 200_000));

const ticks_of = (players, hz) => {
  const args = ['room', '--size', 8, '--rooms', Math.ceil(players / 8), '--players', players, '--hz', hz];
  return { kith: against(kith(), args), peer: against(peer(), args) };
};
const room_lines = [
  { what: 'p99, ms', peer: 'peer', kith: 'kith', of: (run) => run.delivery_ms.p99, must: at_most(3, 'ms') },
  { what: 'ticks missed', peer: 'peer', kith: 'kith', of: (run) => run.ticks.lost, must: none },
  { what: 'ticks late', peer: 'peer', kith: 'kith', of: (run) => run.ticks.late },
  { what: cpu_delivery, peer: 'peer', kith: 'kith', of: per_delivery, must: at_most(2, 'µs') },
];
const room60 = { name: 'room60', title: 'Game rooms, 300 players at 60 Hz', how: 'binary ticks, rooms of 8.', cases: ticks_of(300, 60), lines: room_lines };
const room20 = { name: 'room20', title: 'Game rooms, 1,000 players at 20 Hz', how: 'binary ticks, rooms of 8.', cases: ticks_of(1_000, 20), lines: room_lines };

const both_cpus = process.env.BOTH_CPUS ?? '0,1';
const spread_over = (reactors, args) => against(kith({ reactors, cpu: both_cpus }), args, { cpu: both_cpus });
const calm_groups = ['group', '--groups', 10, '--size', 100, '--rate', 1_500];
const reactors = {
  name: 'reactors', title: 'Two reactors against one', how: 'the same load at a given rate (20,000 messages a second one to one; 150,000 deliveries a second in groups of 100), server and load on both cores.',
  cases: {
    one: spread_over(1, calm_groups), two: spread_over(2, calm_groups),
    'one, pairs': spread_over(1, ['pairs', '--rate', 20_000]), 'two, pairs': spread_over(2, ['pairs', '--rate', 20_000]),
  },
  lines: [
    { what: `${cpu_delivery}; the left column is one reactor`, peer: 'one', kith: 'two', of: per_delivery, must: at_most_times(1.25) },
    { what: `${cpu_message}; the left column is one reactor`, peer: 'one, pairs', kith: 'two, pairs', of: per_message, must: at_most_times(1.25) },
  ],
};

export const works = [pairs, rate, groups_of(10, 100), groups_of(2, 1_000), ...relay_works, idle, storm, kill, store, history, room60, room20, reactors, growth];

/** The works named; `groups` and `room` stand for both of theirs. */
export function chosen(names) {
  if (!names.length) return works;
  const wanted = names.flatMap((name) => ({ groups: ['group100', 'group1000'], room: ['room60', 'room20'], relay: ['relay100', 'relay1000'] })[name] ?? [name]);
  const unknown = wanted.filter((name) => !works.some((work) => work.name === name));
  if (unknown.length) throw new Error(`no such work: ${unknown.join(' ')}; there are ${works.map(({ name }) => name).join(' ')}`);
  return works.filter(({ name }) => wanted.includes(name));
}
