// Does a message cost the same when many more are connected? At one rate, so that nothing but their number changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start_kith } from './servers.mjs';
import { spread } from './statistics.mjs';
import { svg } from './svg.mjs';

const counts = [1_000, 2_000, 5_000, 10_000, 19_000];
const counts_short = [100, 200];
const messages_per_s = 10_000;
const flat = 1.2;

// The same people talk whatever the number: the others are only there.
const talking = (size) => Math.min(500, size);
const at_count = (connections) => (bench) => bench.measure(() => start_kith(),
  ['pairs', '--pairs', talking(connections) / 2, '--bystanders', connections - talking(connections), '--rate', messages_per_s, '--drain', 20]);
const case_of = (connections) => `${connections.toLocaleString('en-US')} connections`;
const per_message = (run) => run.server_cpu.us_per_message;

export const points_of = (results, sizes) => sizes.flatMap((size) => {
  const of = spread((results[case_of(size)] ?? []).map(per_message));
  return of ? [[size, of.median, of.least, of.most]] : [];
});

const sizes = process.env.GROWTH_SHORT ? counts_short : counts;

export const growth = {
  name: 'growth', title: 'Growth with connections', how: `one to one, ${messages_per_s.toLocaleString('en-US')} messages a second among 500 of them.`,
  cases: Object.fromEntries(sizes.map((size) => [case_of(size), at_count(size)])),
  lines: sizes.slice(1).map((size) => ({
    what: `server CPU, µs a message, ${case_of(size)}; the left column is ${case_of(sizes[0])}`, peer: case_of(sizes[0]), kith: case_of(size), of: per_message,
    must: { text: 'within 20 %', met: (ours, first) => ours <= flat * first && ours >= first / flat },
  })),
  charts: [],
  draw(folder, stem, results) {
    const points = points_of(results, sizes);
    if (points.length < 2) return;
    const file = `${stem}-growth.svg`;
    writeFileSync(join(folder, file), svg({
      title: 'CPU of the server for a message, by connections', x: { title: 'connections' }, y: { title: 'µs a message' },
      series: [{ name: `one to one, ${messages_per_s.toLocaleString('en-US')} messages/s`, points }],
    }));
    this.charts = [{ file, title: 'CPU of the server for a message, by connections' }];
  },
};
