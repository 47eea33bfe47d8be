import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faults_of, line_of, page, sound } from '../../bench/compare/report.mjs';
import { at_most, times_less } from '../../bench/compare/statistics.mjs';

const run = (cpu, totals = { delivered: 100, lost: 0, duplicated: 0, reordered: 0 }) => ({ verdict: 'ok', server_cpu: { us_per_message: cpu }, totals });
const cpu_line = { what: 'CPU', peer: 'node', kith: 'kith', of: (result) => result.server_cpu.us_per_message, must: times_less(4) };
const work = { name: 'pairs', title: 'One to one', how: 'pairs talk.', lines: [cpu_line] };
const results = { kith: [run(10), run(12), run(11)], node: [run(44), run(40), run(48)] };
const head = {
  at: '2026-01-02T03:04:05.000Z', commit: 'abc1234567', retries: 2, noisy: [],
  machine: { cpu: 'A CPU', cores: 2, memory_gib: 8, kernel: '6.1', system: 'Debian 12', node: 'v20', sync_ms: { median: 0.5, least: 0.4, most: 0.9 } },
  options: { runs: 3, seconds: 5, noise_max: 15, server_cpu: '0', load_cpu: '1', redis: true },
};

describe('a line of the report', () => {
  it('compares the medians and judges them by what must be shown', () => {
    const line = line_of(cpu_line, results);
    assert.deepEqual([line.ours.median, line.theirs.median, line.ratio, line.met], [11, 44, 4, true]);
    assert.equal(line_of(cpu_line, { ...results, node: [run(43)] }).met, false);
  });

  it('judges nothing that was not measured, and survives a run without the figure', () => {
    assert.equal(line_of(cpu_line, { kith: [], node: [run(40)] }).met, undefined);
    assert.equal(line_of({ ...cpu_line, of: (result) => result.page_ms.p99 }, results).ours, undefined);
    assert.equal(line_of({ what: 'alone', kith: 'kith', of: cpu_line.of, must: at_most(12) }, results).met, true);
  });

  it('has no ratio where there is no peer', () => {
    assert.equal(line_of({ what: 'alone', kith: 'kith', of: cpu_line.of }, results).ratio, undefined);
  });
});

describe('the report', () => {
  it('has the table, the sum, the machine, the commit and what was verified', () => {
    const text = page(head, [{ work, results }]);
    assert.match(text, /^# Kith and the peer, 2026-01-02, abc1234567$/m);
    assert.match(text, /^\| CPU \(node\) \| 44 \(40–48\) \| 11 \(10–12\) \| 4 × \| at least 4 times less \| met \|$/m);
    assert.match(text, /\*\*1 of 1 targets met\.\*\*/);
    assert.match(text, /A CPU, 2 cores, 8 GiB, Debian 12, kernel 6\.1/);
    assert.match(text, /0\.5 \(0\.4–0\.9\) ms/);
    assert.match(text, /6 runs, 600 deliveries verified: lost 0, doubled 0, reordered 0/);
    assert.match(text, /more than 15 % of a CPU: 2 repeated \|/);
  });

  it('names what was missed, what stayed noisy and that there was no Redis', () => {
    const slow = { ...results, kith: [run(30)] };
    const text = page({ ...head, noisy: ['pairs, kith, run 1 (40 %)'], options: { ...head.options, redis: false } }, [{ work, results: slow }]);
    assert.match(text, /\*\*0 of 1 targets met\.\*\* Not met: `pairs`: CPU \(node\)\./);
    assert.match(text, /kept although noisy: pairs, kith, run 1 \(40 %\)/);
    assert.match(text, /no Redis on this machine/);
  });

  it('says which run lost something, and is not sound then', () => {
    const bad = { ...results, kith: [run(10), run(10, { delivered: 9, lost: 1, duplicated: 0, reordered: 2 })] };
    assert.deepEqual(faults_of(bad), ['kith, run 2: lost 1, doubled 0, reordered 2']);
    assert.match(page(head, [{ work, results: bad }]), /\*\*failed\*\*: kith, run 2: lost 1/);
    assert.equal(sound([{ work, results: bad }]), false);
    assert.equal(sound([{ work, results }]), true);
  });

  it('counts a run that the generator failed for another reason, with that reason', () => {
    const refused = { kith: [{ ...run(10), verdict: 'failed', reasons: ['3 refused'] }] };
    assert.match(faults_of(refused)[0], /3 refused/);
  });

  it('is not sound when a work could not be measured, and says why', () => {
    const sections = [{ work, results: {}, error: 'no server' }];
    assert.equal(sound(sections), false);
    assert.match(page(head, sections), /\*\*not measured\*\*: no server/);
  });

  it('shows the curves of a work', () => {
    assert.match(page(head, [{ work: { ...work, charts: [{ file: 'a.svg', title: 'A curve' }] }, results }]), /!\[A curve\]\(a\.svg\)/);
  });
});
