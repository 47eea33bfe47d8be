// What delivery must show, measured: node bench/load/run.mjs [early|catchup|stopped|herd …] (none: all).
// The server runs alone on SERVER_CORE (0), everything else beside it. RUNS=3 of RUN_MS (6000) each; the median counts.
// Prints a line of JSON for each figure (OUT=FILE: there too), then one table. Ends with 1 if a limit was not kept.
import { cpus, loadavg } from 'node:os';
import { Report } from './figures.mjs';
import { catchup } from './catchup.mjs';
import { early } from './early.mjs';
import { herd } from './herd.mjs';
import { stopped } from './stopped.mjs';

const figures = { early, catchup, stopped, herd };
const names = process.argv.slice(2);
const report = new Report(process.env.OUT);
const options = { runs: Number(process.env.RUNS || 3), run_ms: Number(process.env.RUN_MS || 6_000) };
const unknown = names.filter((name) => !figures[name]);
if (unknown.length) throw new Error(`no such figure: ${unknown}; there are ${Object.keys(figures)}`);
console.log(`# ${cpus().length} cores (${cpus()[0].model}), load ${loadavg().map((load) => load.toFixed(2)).join(' ')}, ${options.runs} runs of ${options.run_ms} ms`);
for (const name of names.length ? names : Object.keys(figures)) await figures[name](report, options);
report.table();
console.log(`# load ${loadavg().map((load) => load.toFixed(2)).join(' ')}`);
process.exit(report.missed ? 1 : 0);
