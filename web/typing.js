// Who is writing, seen from both sides. Pure: time is an argument.

const repeat_ms = 3_000;    // the server tells the others again after so long, and forgets after six seconds
const pause_ms = 1_300;     // the server takes no start within a second of a stop
const idle_ms = 5_000;      // nothing typed for so long: no longer writing
const forget_ms = 10_000;   // of others, where the end of it was lost

/** What others do: cid → user → when it is forgotten. */
export class TypingOthers {
  #by_cid = new Map();

  started(cid, user, now) {
    if (!this.#by_cid.has(cid)) this.#by_cid.set(cid, new Map());
    this.#by_cid.get(cid).set(user, now + forget_ms);
  }

  stopped(cid, user) {
    const users = this.#by_cid.get(cid);
    users?.delete(user);
    if (users?.size === 0) this.#by_cid.delete(cid);
  }

  /** True if somebody was forgotten. */
  forget(now) {
    let any = false;
    for (const [cid, users] of this.#by_cid) {
      for (const [user, until] of users) if (until <= now) { this.stopped(cid, user); any = true; }
    }
    return any;
  }

  users(cid) { return [...this.#by_cid.get(cid)?.keys() ?? []]; }
  clear() { this.#by_cid.clear(); }
}

/** What this user does, told no oftener than needed. `tell(event, key)`. */
export class TypingSelf {
  #stops = new Map();   // key → when the server last heard of a stop there, while it matters

  constructor(tell) { this.tell = tell; }

  /** The text of `key` was changed. */
  wrote(key, text, now) {
    if (this.key !== key || !text) this.stop(now);
    if (!text) return;
    Object.assign(this, { key, at: now });
    this.#start(now);
  }

  /** Time passes: who wrote on too soon after a stop is told of now, who writes no more has stopped. */
  tick(now) {
    if (this.key === undefined) return;
    if (now - this.at >= idle_ms) this.stop(now);
    else if (this.told_at === undefined) this.#start(now);
  }

  stop(now) {
    if (this.told_at !== undefined) this.tell('typing.stop', this.key);
    this.#end(now);
  }

  /** The connection ended, and with it everything the server knew. */
  clear() {
    this.#end(undefined);
    this.#stops.clear();
  }

  #start(now) {
    if (this.told_at !== undefined && now - this.told_at < repeat_ms) return;
    if (now - this.#stops.get(this.key) < pause_ms) return;
    this.told_at = now;
    this.tell('typing.start', this.key);
  }

  #end(now) {
    for (const [key, at] of this.#stops) if (now - at >= pause_ms) this.#stops.delete(key);
    if (this.told_at !== undefined) this.#stops.set(this.key, now);
    this.key = undefined;
    this.told_at = undefined;
  }
}

/** For a line of text: one, two or several names. */
export function typing_line(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return 'Several people are typing…';
}
