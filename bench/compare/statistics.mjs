// What is said about a handful of runs: the median, with the smallest and the largest.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** {median, least, most, runs} of the numbers among `values`; undefined if there is none. */
export function spread(values) {
  const numbers = values.filter((value) => Number.isFinite(value));
  if (!numbers.length) return undefined;
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers), runs: numbers.length };
}

/** Three figures that count, and no more digits than they need. */
export function shown(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3)));
}

/** `12.3 (11.9–13)`; one run, or runs that do not differ: `12.3`. */
export function shown_spread(of) {
  if (!of) return '–';
  const [least, most] = [shown(of.least), shown(of.most)];
  return least === most ? shown(of.median) : `${shown(of.median)} (${least}–${most})`;
}

/** What must be shown, each as {text, met(kith, peer)} of medians; a missing value is not met. */
export const times_less = (times) => ({
  text: `at least ${times} times less`,
  met: (kith, peer) => peer / kith >= times,
});
export const at_most = (limit, unit = '') => ({
  text: `at most ${limit.toLocaleString('en-US')}${unit && ` ${unit}`}`,
  met: (kith) => kith <= limit,
});
export const at_least = (limit, unit = '') => ({
  text: `at least ${limit.toLocaleString('en-US')}${unit && ` ${unit}`}`,
  met: (kith) => kith >= limit,
});
export const at_most_times = (times) => ({
  text: `at most ${times} times`,
  met: (kith, peer) => kith <= times * peer,
});
export const none = { text: '0', met: (kith) => kith === 0 };
