// The SQLite store alone: bench/micro/store_bench, its figures taken from what Google Benchmark says as JSON.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { data_root, root, server_cpu } from './servers.mjs';
import { at_most, at_most_times } from './statistics.mjs';
import { svg } from './svg.mjs';

const store_bench = process.env.STORE_BENCH_BIN ?? join(root, 'build/release/bench/store_bench');
const output_bytes_max = 16 * 1024 * 1024;

/** `write_batches/batch:64/conversations:100/...` → {batch: 64, conversations: 100, ...} and its name. */
export function named(benchmark) {
  const [name, ...parts] = benchmark.split('/');
  const numbers = parts.map((part) => /^(\w+):(\d+)$/.exec(part)).filter(Boolean).map(([, key, value]) => [key, Number(value)]);
  return { name, ...Object.fromEntries(numbers) };
}

/** CPU a message of the row that has all of `wanted`; the last of several, NaN if there is none. */
export function cpu_of(run, wanted) {
  const rows = run.benchmarks.filter(({ name, cpu_us_per_message: cpu }) => {
    const row = named(name);
    return cpu !== undefined && Object.entries(wanted).every(([key, value]) => row[key] === value);
  });
  return rows.at(-1)?.cpu_us_per_message ?? NaN;
}

/** `arguments_`: of Google Benchmark; `stored`: messages that are in the file before. */
async function run_store_bench(stored, ...arguments_) {
  if (!existsSync(store_bench)) throw new Error(`${store_bench} is not there: make build/release/bench/store_bench`);
  const folder = mkdtempSync(join(data_root, 'kith-store-'));
  try {
    const { stdout } = await promisify(execFile)('taskset', ['-c', server_cpu, store_bench, '--benchmark_format=json', ...arguments_, folder, String(stored)], { maxBuffer: output_bytes_max });
    const { context: { executable, host_name, ...context }, ...said } = JSON.parse(stdout.slice(stdout.indexOf('{')));   // where it ran is nobody's business
    return { ...said, context, verdict: 'ok' };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

const limits = [[64, 100, 10], [64, 10_000, 12], [256, 100, 10], [256, 10_000, 12]];
const growth_max = 2.5;
const usual = 1_000_000;
const counts = [10_000, 100_000, usual, 10_000_000];
const of_growth = { batch: 64, conversations: 10_000 };
const case_of = (stored) => `${stored.toLocaleString('en-US')} stored`;
const grown = (run) => cpu_of(run, of_growth);

export const stored_points = (results) => counts.flatMap((stored) => {
  const [run] = results[case_of(stored)] ?? [];
  return run && Number.isFinite(grown(run)) ? [[stored, grown(run)]] : [];
});

// What warms up fills the log: before, nothing moves to rows.
const filter = `--benchmark_filter=(warm_up/batch:256|write_batches/batch:${of_growth.batch})/conversations:${of_growth.conversations}/`;

export const store = {
  name: 'store', title: 'The SQLite store alone', runs: 1,
  how: '`store_bench`: batches of messages with bodies of 200 bytes, 10⁶ stored before; user and system time of the process, checkpoints included.',
  cases: { kith: () => run_store_bench(usual), ...Object.fromEntries(counts.map((stored) => [case_of(stored), () => run_store_bench(stored, filter)])) },
  lines: [
    ...limits.map(([batch, conversations, limit]) => ({
      what: `CPU, µs a message, batches of ${batch}, ${conversations.toLocaleString('en-US')} conversations`, kith: 'kith',
      of: (run) => cpu_of(run, { batch, conversations }), must: at_most(limit, 'µs'),
    })),
    {
      what: `CPU, µs a message, ${case_of(counts.at(-1))}; the left column is ${case_of(counts[0])}`, peer: case_of(counts[0]), kith: case_of(counts.at(-1)),
      of: grown, must: at_most_times(growth_max),
    },
  ],
  charts: [],
  draw(folder, stem, results) {
    const points = stored_points(results);
    if (points.length < 2) return;
    const file = `${stem}-stored.svg`;
    const title = 'CPU of the store for a message, by messages stored';
    writeFileSync(join(folder, file), svg({ title, x: { title: 'messages stored', log: true }, y: { title: 'µs a message' }, series: [{ name: 'batches of 64, 10,000 conversations', points }] }));
    this.charts = [{ file, title }];
  },
};
