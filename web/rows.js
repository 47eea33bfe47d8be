// From a thread to what is drawn: day lines, runs of one sender, lines of members, holes. Pure.
import { same_day, day_label } from './format.js';
import { is_note } from './thread.js';

const run_ms = 5 * 60_000;   // a pause longer than this starts a new run of bubbles

function joins(previous, item) {
  return previous?.kind === 'message' && !is_note(previous) && previous.sender === item.sender && new Date(item.ts) - new Date(previous.ts) < run_ms;
}

/** pending → stored → delivered → read; `marks` say how far the others are, the last of them. */
export function tick_of(item, marks) {
  if (item.state !== 'sent') return item.state;
  if (marks && item.seq !== null && item.seq <= (marks.read_seq ?? 0)) return 'read';
  if (marks && item.seq !== null && item.seq <= (marks.delivered_seq ?? 0)) return 'delivered';
  return 'sent';
}

/**
 * Rows `{key, kind: start|hole|day|new|line|message, …}` in order of the screen.
 * `me` · `now` · `locale` · `group` shows names · `marks` for ticks · `new_after`: the seq above which messages were unread on opening.
 */
export function rows_of(thread, { me, now, locale, group = false, marks, new_after }) {
  const rows = [];
  const holes = [...thread.holes];
  if (thread.top === null && thread.items.length) rows.push({ key: 'start', kind: 'start' });
  let previous;
  let parted = new_after === undefined;
  const hole_row = ({ from, to }) => rows.push({ key: `h:${to}`, kind: 'hole', from, to });
  for (const item of thread.items) {
    while (holes.length && item.seq !== null && holes[0].to < item.seq) { hole_row(holes.shift()); previous = undefined; }
    if (!previous || !same_day(previous.ts, item.ts)) {
      rows.push({ key: `d:${item.key}`, kind: 'day', label: day_label(item.ts, now, locale) });
      previous = undefined;
    }
    if (!parted && item.kind === 'message' && !is_note(item) && item.sender !== me && (item.seq ?? Infinity) > new_after) {
      rows.push({ key: 'new', kind: 'new' });
      parted = true;
      previous = undefined;
    }
    if (item.kind === 'line' || is_note(item)) {
      rows.push({ key: item.key, kind: 'line', item });
    } else {
      const mine = item.sender === me;
      const first = !joins(previous, item);
      if (!first) rows[rows.length - 1].last = false;
      rows.push({ key: item.key, kind: 'message', item, mine, first, last: true, named: group && !mine && first, tick: mine ? tick_of(item, marks) : undefined });
    }
    previous = item;
  }
  holes.forEach(hole_row);
  return rows;
}
