import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Bench } from '../../bench/compare/bench.mjs';
import { points_of } from '../../bench/compare/growth.mjs';
import { missing_of, stored_ids } from '../../bench/compare/kill.mjs';
import { busy_ticks, own_ticks } from '../../bench/compare/machine.mjs';
import { frames_per_write, segments_of } from '../../bench/compare/relay.mjs';
import { cpu_of, named, stored_points } from '../../bench/compare/store.mjs';
import { chosen, works } from '../../bench/compare/works.mjs';

describe('works', () => {
  it('are all there when none is named, and what is named together is found together', () => {
    assert.deepEqual(chosen([]), works);
    assert.deepEqual(chosen(['groups', 'pairs']).map(({ name }) => name).sort(), ['group100', 'group1000', 'pairs']);
  });

  it('are refused when there is no such one, with those that are', () => {
    assert.throws(() => chosen(['pears']), /no such work: pears; there are pairs rate/);
  });

  it('compare only cases that they have', () => {
    for (const work of works) for (const { kith, peer } of work.lines) {
      assert.ok(work.cases[kith], `${work.name}: ${kith}`);
      assert.ok(peer === undefined || work.cases[peer], `${work.name}: ${peer}`);
    }
  });
});

describe('a work', () => {
  const quiet = { runs: 2, seconds: 1, noise_max: 15, retries_max: 1, say: () => {} };

  it('runs its cases in turn', async () => {
    const order = [];
    const case_of = (name) => async () => { order.push(name); return { others_percent: 0 }; };
    await new Bench(quiet).work({ name: 'w', cases: { a: case_of('a'), b: case_of('b') } });
    assert.deepEqual(order, ['a', 'b', 'a', 'b']);
  });

  it('repeats a run that others disturbed, so often in all and no more, and says which it kept nevertheless', async () => {
    const bench = new Bench({ ...quiet, runs: 1 });
    let asked = 0;
    const results = await bench.work({ name: 'w', cases: { a: async () => { asked += 1; return { others_percent: 50 }; } } });
    assert.deepEqual([asked, results.a.length, bench.retries, bench.noisy], [2, 1, 1, ['w, a, run 1 (50 %)']]);
  });

  it('leaves out a case that is not possible here', async () => {
    assert.deepEqual(await new Bench(quiet).work({ name: 'w', cases: { a: async () => undefined } }), { a: [] });
  });
});

describe('what the kernel tells', () => {
  it('is read as busy time of all CPUs, idle and waiting left out, and of one process', () => {
    assert.equal(busy_ticks('cpu  10 1 5 1000 200 2 3 4 0 0\ncpu0 …'), 25);
    assert.equal(own_ticks('7 (a (strange) name) S 1 1 1 0 -1 0 0 0 0 0 30 12 0 0'), 42);
  });

  it('is read as segments of all connections, from which follows how many frames a write had', () => {
    assert.equal(segments_of('ESTAB … segs_out:9 data_segs_out:5 x\nESTAB … data_segs_out:7\n'), 12);
    assert.equal(frames_per_write({ delivered_per_s: 600, segments_per_s: 200 }), 3);
  });
});

describe('a killed server', () => {
  it('is asked for everything it has, page by page', async () => {
    const pages = { 0: { messages: [{ client_id: 'm1' }, { id: 'm2' }], next: 2 }, 2: { messages: [{ id: 'x', client_id: 'm3' }] } };
    const reader = { call: async (_event, { after }) => pages[after] };
    assert.deepEqual([...await stored_ids(reader, 'bob')], ['m1', 'm2', 'm3']);
  });

  it('misses what it acknowledged and does not have', () => {
    assert.equal(missing_of(['m1', 'm2', 'm3'], new Set(['m2', 'm9'])), 2);
  });
});

describe('figures of the store alone', () => {
  const run = { benchmarks: [
    { name: 'write_batches/batch:64/conversations:100/iterations:9/manual_time', cpu_us_per_message: 9 },
    { name: 'write_batches/batch:64/conversations:10000/manual_time', cpu_us_per_message: 11 },
    { name: 'page_of_50' },
  ] };

  it('are found by what their names say', () => {
    assert.deepEqual(named(run.benchmarks[0].name), { name: 'write_batches', batch: 64, conversations: 100, iterations: 9 });
    assert.equal(cpu_of(run, { batch: 64, conversations: 10_000 }), 11);
    assert.ok(Number.isNaN(cpu_of(run, { batch: 256, conversations: 100 })));
  });

  it('make a curve over what is stored', () => {
    const empty = { benchmarks: [] };
    assert.deepEqual(stored_points({ '10,000 stored': [run], '100,000 stored': [empty], '10,000,000 stored': [run] }), [[10_000, 11], [10_000_000, 11]]);
  });
});

describe('growth', () => {
  it('is a curve of medians with their spread, of the sizes that were measured', () => {
    const results = { '1,000 connections': [10, 12, 11].map((us) => ({ server_cpu: { us_per_message: us } })) };
    assert.deepEqual(points_of(results, [1_000, 2_000]), [[1_000, 11, 10, 12]]);
  });
});
