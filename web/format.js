// How times, names and counts are shown. Pure: `now` and the locale are arguments.

const day_ms = 86_400_000;

export function time_of(ts, locale) {
  return new Date(ts).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}

function midnight(ts) {
  const date = new Date(ts);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export const same_day = (a, b) => midnight(a) === midnight(b);

/** Whole days between two moments, by the calendar; summer time makes days of 23 and 25 hours, hence the rounding. */
function days_ago(ts, now) { return Math.round((midnight(now) - midnight(ts)) / day_ms); }

/** For the line between two days: Today, Yesterday, Monday, 3 March, 3 March 2024. */
export function day_label(ts, now, locale) {
  const ago = days_ago(ts, now);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  const date = new Date(ts);
  if (ago > 1 && ago < 7) return date.toLocaleDateString(locale, { weekday: 'long' });
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'long', year });
}

/** For the list of conversations: a time today, otherwise a short day. */
export function short_when(ts, now, locale) {
  const ago = days_ago(ts, now);
  if (ago <= 0) return time_of(ts, locale);
  if (ago === 1) return 'Yesterday';
  if (ago < 7) return new Date(ts).toLocaleDateString(locale, { weekday: 'short' });
  return new Date(ts).toLocaleDateString(locale, { day: 'numeric', month: 'short' });
}

export const tints = 8;

/** The same name has the same colour everywhere: 0 … tints-1. */
export function tint(name) {
  let sum = 7;
  for (const point of name) sum = (sum * 31 + point.codePointAt(0)) >>> 0;
  return sum % tints;
}

/** One or two letters for the round picture. */
export function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')];
  const second = words.length > 1 ? [...words[words.length - 1]][0] : '';
  return (first[0] + second).toUpperCase();
}

export const count_label = (n) => (n > 99 ? '99+' : String(n));

/** One line for the list, whatever the text holds. */
export function preview(text, length = 90) {
  const line = text.replace(/\s+/gu, ' ').trim();
  const points = [...line];
  return points.length > length ? `${points.slice(0, length).join('')}…` : line;
}

/** How much of a message still fits, in bytes as the server counts them: {left, near}; `near` when that is worth saying. */
export function room_for(text, bytes_max) {
  if (!bytes_max) return { left: Infinity, near: false };
  const left = bytes_max - new TextEncoder().encode(text).length;
  return { left, near: left < Math.min(500, bytes_max / 4) };
}

const refusals = {
  too_large: 'This is too long.',
  forbidden: 'You may not do this here.',
  not_member: 'You are no longer in this conversation.',
  not_found: 'This is not there, or not for you.',
  rate_limited: 'Too fast. Try again in a moment.',
  quota_exceeded: 'There is no room for more.',
  feature_disabled: 'This is switched off here.',
  overloaded: 'The server is busy. Try again in a moment.',
  unavailable: 'The server is busy. Try again in a moment.',
  draining: 'The server is about to restart. Try again in a moment.',
  internal: 'Something went wrong on the server.',
};

/** What the server refused, for a person: its own messages are for who writes the client. */
export const refusal = ({ code, message }) => refusals[code] ?? message ?? 'The server did not take this.';
