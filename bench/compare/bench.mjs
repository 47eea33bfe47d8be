// Runs a work: its cases in turn, as often as asked, each run again (a bounded number of times in all) when others disturbed it.
import { load } from './load.mjs';
import { Watch } from './machine.mjs';

export class Bench {
  constructor({ runs, seconds, noise_max, retries_max, redis, short, say = console.log }) {
    Object.assign(this, { runs, seconds, noise_max, retries_max, redis, short, say, retries: 0, noisy: [] });
  }

  /** A run of the generator against a server that `start` makes for it alone. */
  async measure(start, args, { cpu, pids = {}, beside } = {}) {
    const contender = await start();
    let watch;
    try {
      const timed = ['--seconds', this.seconds, '--warmup', Math.min(1.5, this.seconds), ...args.slice(1)];
      const on_start = (pid) => { watch = new Watch([contender.pid, pid, ...Object.values(pids)]); };
      const running = load({ contender, args: [args[0], ...timed], pids, cpu, on_start });
      const noted = beside ? await beside(contender, running) : {};
      const result = { ...await running, ...noted };
      return { ...result, others_percent: watch.stop() };
    } finally {
      watch?.stop();
      await contender.stop();
    }
  }

  /** {case: [result]}: run by run through all cases, so that a machine that slows down slows all of them. */
  async work(work) {
    const results = Object.fromEntries(Object.keys(work.cases).map((name) => [name, []]));
    for (let run = 1; run <= (work.runs ?? this.runs); run += 1) {
      for (const [name, measure] of Object.entries(work.cases)) {
        const result = await this.#quietly(`${work.name}, ${name}, run ${run}`, () => measure(this, results));
        if (result) results[name].push(result);
      }
    }
    return results;
  }

  async #quietly(what, measure) {
    for (;;) {
      const result = await measure();
      const others = result?.others_percent ?? 0;
      const disturbed = others > this.noise_max;
      this.say(`${what}: ${result ? summary(result) : 'not possible here'}${disturbed ? ` (others used ${Math.round(others)} % of a CPU)` : ''}`);
      if (!disturbed) return result;
      if (this.retries >= this.retries_max) { this.noisy.push(`${what} (${Math.round(others)} %)`); return result; }
      this.retries += 1;
    }
  }
}

function summary(result) {
  const cpu = Object.entries(result.server_cpu ?? {}).map(([name, value]) => `${name} ${Number(value).toFixed(2)}`);
  return [result.verdict, ...cpu, ...(result.said ?? [])].filter(Boolean).join(', ') || 'done';
}
