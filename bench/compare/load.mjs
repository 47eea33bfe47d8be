// One run of the load generator against one server, on a core of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load_cpu, root } from './servers.mjs';

export const generator = process.env.KITH_BENCH_BIN ?? join(root, 'build/release/kith-bench');
const run_ms_max = 1_200_000;
const tail_characters = 600;

/** What the generator says of a run as JSON; thrown if it says nothing. A verdict of `failed` is the caller's matter. */
export async function load({ contender, args, pids = {}, cpu = load_cpu, on_start = () => {} }) {
  if (!existsSync(generator)) throw new Error(`${generator} is not there: make kith-bench builds it`);
  const folder = mkdtempSync(join(tmpdir(), 'kith-load-'));
  const file = join(folder, 'run.json');
  const said = Object.entries({ server: contender.pid, ...pids }).flatMap(([name, pid]) => ['--pid', `${name}=${pid}`]);
  const [scenario, ...options] = args;
  const child = spawn('taskset', ['-c', cpu, generator, scenario, '--server', contender.address, ...contender.flags, ...said, '--json', file, '--quiet', ...options.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
  on_start(child.pid);
  let text = '';
  const keep = (chunk) => { text = (text + chunk).slice(-tail_characters); };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const timer = setTimeout(() => child.kill('SIGKILL'), run_ms_max);
  const code = await new Promise((done) => child.once('close', (status, signal) => done(status ?? signal)));
  clearTimeout(timer);
  try {
    const line = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').at(-1) : '';
    if (!line) throw new Error(`the load generator ended with ${code} and no figures: ${text.trim()}`);
    const figures = JSON.parse(line);
    if (figures.options) delete figures.options.json;   // a folder of this machine, gone already
    return figures;
  } finally { rmSync(folder, { recursive: true, force: true }); }
}
