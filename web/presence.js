// Who is there, as the server tells it. Pure.
import { time_of, day_label } from './format.js';

export const choices = [['online', 'Online'], ['away', 'Away'], ['busy', 'Do not disturb'], ['offline', 'Invisible']];
const watched_max = 1_000;

export class PresenceBook {
  #states = new Map();    // user → {status, last_seen}
  #watched = new Set();

  get(user) { return this.#states.get(user); }
  status(user) { return this.#states.get(user)?.status; }
  note({ user, status, last_seen }) { this.#states.set(user, { status, last_seen }); }

  /** Of these, those that are not watched yet; they count as watched from now on. */
  to_watch(users) {
    const wanted = users.filter((user) => user && !this.#watched.has(user)).slice(0, watched_max - this.#watched.size);
    for (const user of wanted) this.#watched.add(user);
    return wanted;
  }

  not_watched(users) { for (const user of users) this.#watched.delete(user); }

  /** The connection ended: the server watches nobody for this page any more. */
  clear() { this.#states.clear(); this.#watched.clear(); }
}

/** "Online", "Last seen 14:05", "Last seen yesterday at 14:05"; '' where nothing is known. */
export function presence_line(state, now, locale) {
  if (!state) return '';
  if (state.status !== 'offline') return choices.find(([status]) => status === state.status)?.[1] ?? '';
  if (!state.last_seen) return 'Offline';
  const day = day_label(state.last_seen, now, locale);
  const time = time_of(state.last_seen, locale);
  return day === 'Today' ? `Last seen ${time}` : `Last seen ${day === 'Yesterday' ? 'yesterday' : day} at ${time}`;
}
