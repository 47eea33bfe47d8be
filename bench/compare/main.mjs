// Kith and the peer in turn, on the same cores: node bench/compare/main.mjs [WORK …] (none: all). What the environment may say:
//   RUNS (3)  SECONDS (5)  OUT (bench/results)  DATA (folder for the databases)  SERVER_CPU (0)  LOAD_CPU (1)  NOISE_MAX (15, percent of a CPU)
//   RETRIES (12, runs repeated for noise in all)  HISTORY (messages in the history that is read)  SHORT=1 (small numbers, to try it)
// Writes OUT/DATE-COMMIT.md and its curves. Ends with 1 if a run lost, doubled or reordered a message, or a work could not be measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './bench.mjs';
import { commit, machine } from './machine.mjs';
import { page, sound } from './report.mjs';
import { Redis, data_root, load_cpu, root, server_cpu } from './servers.mjs';
import { chosen } from './works.mjs';

const number = (name, fallback) => {
  const value = Number(process.env[name] || fallback);
  if (!(value > 0)) throw new Error(`${name}=${process.env[name]}: say a number above 0`);
  return value;
};

async function measured(bench, works, told) {
  const sections = [];
  for (const work of works) {
    bench.say(`== ${work.title}`);
    const section = { work, results: {} };
    try { section.results = await bench.work(work); } catch (error) {
      section.error = error.message;
      bench.say(`${work.name}: ${error.stack}`);
    }
    sections.push(section);
    told(sections);   // what was measured is kept, whatever happens next
  }
  return sections;
}

async function main() {
  const works = chosen(process.argv.slice(2));
  const short = Boolean(process.env.SHORT);
  const folder = process.env.OUT || join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const redis = Redis.present() ? await Redis.start() : undefined;
  const bench = new Bench({ runs: number('RUNS', 3), seconds: number('SECONDS', 5), noise_max: number('NOISE_MAX', 15), retries_max: Number(process.env.RETRIES ?? 12), redis, short });
  const run = { at: new Date().toISOString(), commit: commit(root), machine: machine(data_root) };
  const stem = `${run.at.slice(0, 10)}-${run.commit}`;
  const file = join(folder, `${stem}.md`);
  const told = (sections) => {
    const options = { runs: bench.runs, seconds: bench.seconds, noise_max: bench.noise_max, server_cpu, load_cpu, redis: Boolean(redis) };
    for (const { work, results } of sections) work.draw?.(folder, stem, results);
    writeFileSync(file, page({ ...run, options, retries: bench.retries, noisy: bench.noisy }, sections));
    writeFileSync(join(folder, `${stem}.json`), `${JSON.stringify(sections.map(({ work, results, error }) => ({ work: work.name, results, error })))}\n`);
  };
  try {
    const sections = await measured(bench, works, told);
    console.log(`${file}`);
    return sound(sections) ? 0 : 1;
  } finally { await redis?.stop(); }
}

process.exit(await main());
