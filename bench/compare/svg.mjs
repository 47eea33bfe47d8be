// Curves as SVG: a file that needs nothing else, readable in light and dark pages because it brings its own ground.
const width = 720;
const height = 400;
const margin = { left: 64, right: 16, top: 64, bottom: 72 };
const colours = ['#1f6fb4', '#c4501b', '#2f7d32', '#7b3fa0', '#8a6d00'];
const steps = [1, 2, 2.5, 5, 10];

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);

/** Round values from 0 to at least `most`, about `count` of them. */
export function round_ticks(most, count = 5) {
  if (!(most > 0)) return [0, 1];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * steps.find((factor) => factor * power >= raw * 0.999);
  const ticks = [];
  for (let i = 0; (ticks.at(-1) ?? -1) < most * 0.999; i += 1) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten from at most `least` to at least `most`. */
export function power_ticks(least, most) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(least)); (ticks.at(-1) ?? 0) < most; power += 1) ticks.push(10 ** power);
  return ticks;
}

export function label_of(value) {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} million`;
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function scale_of({ values, log, from, to }) {
  const most = Math.max(...values);
  const ticks = log ? power_ticks(Math.min(...values), most) : round_ticks(most);
  const [low, high] = [ticks[0], ticks.at(-1)];
  const share = log ? (value) => Math.log(value / low) / Math.log(high / low || 10) : (value) => (value - low) / (high - low || 1);
  return { ticks, at: (value) => Number((from + share(value) * (to - from)).toFixed(1)) };
}

const text = (x, y, content, extra = '') => `<text x="${x}" y="${y}" ${extra}>${escaped(content)}</text>`;

function axes(chart, x, y) {
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
  const rows = y.ticks.map((tick) => `<line x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}" stroke="#ddd"/>`
    + text(left - 8, y.at(tick) + 4, label_of(tick), 'text-anchor="end"'));
  const columns = x.ticks.map((tick, i) => `<line x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${bottom}" y2="${bottom + 5}" stroke="#444"/>`
    + text(x.at(tick), bottom + 20, label_of(tick), `text-anchor="${i === x.ticks.length - 1 ? 'end' : 'middle'}"`));
  return [...rows, ...columns, `<line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#444"/>`,
    text((left + right) / 2, bottom + 44, chart.x.title, 'text-anchor="middle"'), text(left - 48, margin.top - 14, chart.y.title)];
}

function curve(series, colour, x, y) {
  const points = series.points.map(([at, value]) => [x.at(at), y.at(value)]);
  const spreads = series.points.filter(([, , least]) => least !== undefined)
    .map(([at, , least, most]) => `<line x1="${x.at(at)}" x2="${x.at(at)}" y1="${y.at(least)}" y2="${y.at(most)}" stroke="${colour}" stroke-width="1.5"/>`);
  return [...spreads, `<polyline fill="none" stroke="${colour}" stroke-width="2.5" points="${points.map((point) => point.join(',')).join(' ')}"/>`,
    ...points.map(([at, value]) => `<circle cx="${at}" cy="${value}" r="4" fill="${colour}"/>`)];
}

function legend(all) {
  let at = margin.left;
  return all.flatMap(({ name }, i) => {
    const colour = colours[i % colours.length];
    const mark = [`<circle cx="${at}" cy="${height - 10}" r="5" fill="${colour}"/>`, text(at + 10, height - 6, name)];
    at += 30 + name.length * 7.2;
    return mark;
  });
}

/** `chart`: {title, x: {title, log?}, y: {title, limit?}, series: [{name, points: [[x, y, least?, most?]]}]}; y begins at 0. */
export function svg(chart) {
  const points = chart.series.flatMap((one) => one.points);
  if (!points.length) throw new Error(`${chart.title}: no points to draw`);
  const limit = chart.y.limit;
  const x = scale_of({ values: points.map(([at]) => at), log: chart.x.log, from: margin.left + 12, to: width - margin.right - 12 });
  const heights = points.flatMap(([, value, , most]) => [value, most ?? value]);
  const y = scale_of({ values: [...heights, ...(limit ? [limit.value] : [])], from: height - margin.bottom, to: margin.top });
  const line = limit ? [`<line x1="${margin.left}" x2="${width - margin.right}" y1="${y.at(limit.value)}" y2="${y.at(limit.value)}" stroke="#b00020" stroke-dasharray="6 4"/>`,
    text(width - margin.right, y.at(limit.value) - 6, limit.name, 'text-anchor="end" fill="#b00020"')] : [];
  return [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="#222">`,
    `<title>${escaped(chart.title)}</title>`, `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(16, 26, chart.title, 'font-size="16" font-weight="600"'),
    ...axes(chart, x, y), ...line, ...chart.series.flatMap((series, i) => curve(series, colours[i % colours.length], x, y)), ...legend(chart.series), '</svg>', ''].join('\n');
}
