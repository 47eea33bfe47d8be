import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { label_of, power_ticks, round_ticks, svg } from '../../bench/compare/svg.mjs';

const chart = {
  title: 'CPU & <time>', x: { title: 'connections' }, y: { title: 'µs' },
  series: [{ name: 'kith', points: [[1_000, 10, 9, 12], [19_000, 11, 10, 13]] }],
};
const heights = (text) => [...text.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4"/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe('a curve', () => {
  it('is one SVG with title, axes, its points and its name', () => {
    const text = svg(chart);
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 720 400"/);
    assert.match(text, /<title>CPU &amp; &lt;time&gt;<\/title>/);
    for (const label of ['connections', 'µs', 'kith', '0', '15', '20,000']) assert.ok(text.includes(`>${label}</text>`), label);
    assert.equal(heights(text).length, 2);
    assert.ok(text.trimEnd().endsWith('</svg>'));
  });

  it('draws more higher and further to the right, within its frame', () => {
    const [[x1, y1], [x2, y2]] = heights(svg(chart));
    assert.ok(x2 > x1 && y2 < y1);
    for (const [x, y] of heights(svg(chart))) assert.ok(x >= 64 && x <= 704 && y >= 64 && y <= 328);
  });

  it('spaces powers of ten evenly on a logarithmic axis', () => {
    const points = [10_000, 100_000, 1_000_000].map((x) => [x, 5]);
    const [a, b, c] = heights(svg({ ...chart, x: { title: 'stored', log: true }, series: [{ name: 's', points }] })).map(([x]) => x);
    assert.ok(Math.abs((b - a) - (c - b)) < 0.2);
  });

  it('draws a limit where one is given', () => {
    assert.match(svg({ ...chart, y: { title: 'µs', limit: { value: 30, name: 'at most 30' } } }), /at most 30<\/text>/);
  });

  it('is refused without points', () => {
    assert.throws(() => svg({ ...chart, series: [] }), /no points to draw/);
  });
});

describe('the ticks of an axis', () => {
  it('are round numbers from nothing to what is shown', () => {
    assert.deepEqual(round_ticks(13), [0, 5, 10, 15]);
    assert.deepEqual(round_ticks(100), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(round_ticks(0.3), [0, 0.1, 0.2, 0.3]);
    assert.deepEqual(round_ticks(0), [0, 1]);
  });

  it('are powers of ten around what is shown', () => {
    assert.deepEqual(power_ticks(20_000, 900_000), [10_000, 100_000, 1_000_000]);
    assert.deepEqual(power_ticks(10, 10), [10]);
  });

  it('read as numbers are said', () => {
    assert.deepEqual([0.25, 1_000, 10_000_000].map(label_of), ['0.25', '1,000', '10 million']);
  });
});
