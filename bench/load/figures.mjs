// Figures: shares of a sample, medians of runs, one table and the same as lines of JSON.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The value that `share` of the sample does not exceed. */
export function at_share(sample, share) {
  if (!sample.length) return NaN;
  const sorted = Float64Array.from(sample).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const p99 = (sample) => at_share(sample, 0.99);
export const p50 = (sample) => at_share(sample, 0.5);
export const round = (value, digits = 2) => Number(value.toFixed(digits));

export class Report {
  constructor(file) {
    this.file = file;
    this.rows = [];
    if (file) mkdirSync(dirname(file), { recursive: true });
  }

  /** `runs` are the single values, `limit` what must not be exceeded (undefined: told only). */
  add(figure, unit, runs, limit) {
    const value = round(median(runs));
    const kept = limit === undefined ? undefined : value <= limit;
    const row = { figure, unit, value, runs: runs.map((run) => round(run)), ...(limit === undefined ? {} : { limit: round(limit), kept }) };
    this.rows.push(row);
    if (this.file) appendFileSync(this.file, `${JSON.stringify({ at: new Date().toISOString(), ...row })}\n`);
    console.log(JSON.stringify(row));
    return value;
  }

  table() {
    const verdict = ({ limit, kept }) => (limit === undefined ? '' : `${kept ? 'kept' : 'MISSED'}: at most ${limit}`);
    const lines = this.rows.map((row) => `| ${row.figure}, ${row.unit} | ${row.value} | ${row.runs.join(' · ')} | ${verdict(row)} |`);
    console.log(['', '| | median | runs | |', '|---|---|---|---|', ...lines].join('\n'));
  }

  get missed() { return this.rows.filter(({ kept }) => kept === false).length; }
}
