// Own messages on their way. Each has a client_id from the start and keeps it, so that however often it is sent it is stored once.
// What is not answered when the connection goes is sent again when it is back; what is refused for good waits for the user. When
// something is refused for now (too fast, the server is busy) the rest goes one by one behind it, so that the order stays.

const tries_max = 5;

export class Outbox {
  /**
   * `send(entry)` → promise of the ack's data, rejected with {code, message, retryable, retry_after_ms}.
   * `on_sent(entry, data)` · `on_failed(entry, error)` · `on_waiting(entry, error)`: tried again by itself · `save(entries)` after each change · `later(ms, then)` a timer.
   */
  constructor({ send, on_sent, on_failed, on_waiting = () => {}, save = () => {}, later = (ms, then) => setTimeout(then, ms), entries = [] }) {
    Object.assign(this, { send, on_sent, on_failed, on_waiting, save, later });
    this.entries = entries.map((entry) => ({ ...entry, under_way: false, tries: 0 }));
    this.online = false;
    this.one_by_one = false;
    this.waiting = false;      // for a moment, before the next try
  }

  /** `target` is {cid} or {to}. Gives the entry, already under way if there is a connection. */
  add(target, text, { client_id, ts, reply_to }) {
    const entry = { ...target, text, client_id, ts, reply_to, failed: false, under_way: false, tries: 0 };
    this.entries.push(entry);
    this.#changed();
    this.#go();
    return entry;
  }

  /** Connected (again): everything unanswered goes out once more, in order. */
  connected() {
    this.online = true;
    this.one_by_one = false;
    this.#go();
  }

  disconnected() {
    this.online = false;
    for (const entry of this.entries) entry.under_way = false;
  }

  retry(client_id) {
    const entry = this.entries.find((one) => one.client_id === client_id);
    if (!entry) return undefined;
    Object.assign(entry, { failed: false, tries: 0 });
    this.#changed();
    this.#go();
    return entry;
  }

  discard(client_id) {
    this.entries = this.entries.filter((one) => one.client_id !== client_id);
    this.#changed();
  }

  /** Starts what may start now. */
  #go() {
    if (!this.online) return;
    const ready = this.entries.filter(({ failed }) => !failed);
    if (!this.one_by_one) { for (const entry of ready) if (!entry.under_way) this.#start(entry); return; }
    if (this.waiting || ready.some(({ under_way }) => under_way)) return;
    if (ready.length) this.#start(ready[0]); else this.one_by_one = false;
  }

  async #start(entry) {
    entry.under_way = true;
    entry.tries += 1;
    const turn = entry.turn = {};
    try {
      const data = await this.send(entry);
      this.#settle(entry);
      this.on_sent(entry, data);
      this.#go();
    } catch (error) {
      if (entry.turn !== turn || !this.entries.includes(entry)) return;   // an answer to an older try
      entry.under_way = false;
      this.#refused(entry, error);
    }
  }

  #refused(entry, error) {
    if (error.code === 'offline') return;   // `connected` sends it again
    if (error.retryable && entry.tries < tries_max) {
      this.on_waiting(entry, error);
      this.one_by_one = true;
      if (!this.waiting) this.#wait(error.retry_after_ms ?? 500 * entry.tries);
      return;
    }
    entry.failed = true;
    this.#changed();
    this.on_failed(entry, error);
    this.#go();
  }

  #wait(ms) {
    this.waiting = true;
    this.later(ms, () => { this.waiting = false; this.#go(); });
  }

  #settle(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.#changed();
  }

  #changed() {
    this.save(this.entries.map(({ cid, to, text, client_id, ts, reply_to, failed }) => ({ cid, to, text, client_id, ts, reply_to, failed })));
  }
}
