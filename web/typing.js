// Who is writing, seen from both sides. Pure: time is an argument.

const repeat_ms = 3_000;    // the server tells the others again after so long, and forgets after six seconds
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
  constructor(tell) { this.tell = tell; }

  /** The text of `key` was changed. */
  wrote(key, text, now) {
    if (this.key !== key || !text) this.stop();
    if (!text) return;
    this.at = now;
    if (this.key === key && now - this.told_at < repeat_ms) return;
    Object.assign(this, { key, told_at: now });
    this.tell('typing.start', key);
  }

  /** Time passes. */
  tick(now) { if (this.key !== undefined && now - this.at >= idle_ms) this.stop(); }

  /** The message was sent: who gets it knows that it is written. */
  sent() { this.key = undefined; }

  stop() {
    if (this.key !== undefined) this.tell('typing.stop', this.key);
    this.key = undefined;
  }
}

/** For a line of text: one, two or several names. */
export function typing_line(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return 'Several people are typing…';
}
