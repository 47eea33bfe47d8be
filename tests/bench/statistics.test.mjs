import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at_least, at_most, at_most_times, median, none, shown, shown_spread, spread, times_less } from '../../bench/compare/statistics.mjs';

describe('statistics of a few runs', () => {
  it('take the middle of an odd number of runs, and the mean of the two middle ones of an even number', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([1, 9, 5, 7]), 6);
    assert.equal(median([10, 9, 100]), 10);   // by number, not by text
  });

  it('leave out runs that have no figure, and say nothing where none has one', () => {
    assert.deepEqual(spread([3, undefined, NaN, 1]), { median: 2, least: 1, most: 3, runs: 2 });
    assert.equal(spread([undefined, NaN]), undefined);
    assert.equal(spread([]), undefined);
  });

  it('are shown with the digits that count', () => {
    assert.deepEqual([0, 0.01234, 1.234, 12.34, 123.4, 12345.6, NaN, undefined].map(shown), ['0', '0.012', '1.23', '12.3', '123', '12,346', '–', '–']);
  });

  it('show the smallest and the largest only where they differ', () => {
    assert.equal(shown_spread(spread([1, 2, 3])), '2 (1–3)');
    assert.equal(shown_spread(spread([2])), '2');
    assert.equal(shown_spread(undefined), '–');
  });
});

describe('what must be shown', () => {
  it('is a ratio to the peer, met at the limit and not below', () => {
    assert.equal(times_less(4).met(10, 40), true);
    assert.equal(times_less(4).met(10, 39.9), false);
    assert.equal(at_most_times(1.5).met(15, 10), true);
    assert.equal(at_most_times(1.5).met(15.1, 10), false);
  });

  it('is a limit of its own, the peer aside', () => {
    assert.deepEqual([at_most(2).met(2), at_most(2).met(2.1), at_least(2).met(2), at_least(2).met(1.9)], [true, false, true, false]);
    assert.deepEqual([none.met(0), none.met(1)], [true, false]);
    assert.equal(at_most(2_000, 'bytes').text, 'at most 2,000 bytes');
  });

  it('is not met where the peer was not measured', () => {
    assert.equal(times_less(4).met(10, undefined), false);
    assert.equal(at_most_times(1.5).met(1, undefined), false);
  });
});
