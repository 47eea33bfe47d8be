// Who is there, as the server tells it. Pure.
import { time_of, day_label } from './format.js';

export const choices = [['online', 'Online'], ['away', 'Away'], ['busy', 'Do not disturb'], ['offline', 'Invisible']];
const watched_max = 1_000;

export class PresenceBook {
  #states = new Map();    // user → {status, last_seen}
  #watched = new Set();

  get(user) { return this.#states.get(user); }
  status(user) { return this.#states.get(user)?.status; }
  watches(user) { return this.#watched.has(user); }
  get watched() { return [...this.#watched]; }

  /** What still comes of somebody who is not watched any more is dropped: nobody would ever say that it is over. */
  note({ user, status, last_seen }) { if (this.#watched.has(user)) this.#states.set(user, { status, last_seen }); }

  /** Of these, those who are watched or whom there is room for; they count as watched from now on. */
  to_watch(users) {
    return users.filter((user) => {
      if (this.#watched.size < watched_max) this.#watched.add(user);
      return this.#watched.has(user);
    });
  }

  /** These were asked for, and the server shows those: the others are forgotten, and not watched. */
  answered(asked, shown) {
    const visible = new Set(shown.map(({ user }) => user));
    for (const user of asked) if (!visible.has(user)) { this.#watched.delete(user); this.#states.delete(user); }
    for (const state of shown) this.note(state);
  }

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
