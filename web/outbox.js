// Own messages on their way. Each has a client_id from the start and keeps it, so that however often it is sent it is stored once.
// What is not answered when the connection goes is sent again when it is back; what is refused waits for the user.

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
  }

  /** `target` is {cid} or {to}. Gives the entry, already under way if there is a connection. */
  add(target, text, { client_id, ts }) {
    const entry = { ...target, text, client_id, ts, failed: false, under_way: false, tries: 0 };
    this.entries.push(entry);
    this.#changed();
    this.#start(entry);
    return entry;
  }

  /** Connected (again): everything unanswered goes out once more, in order. */
  connected() {
    this.online = true;
    for (const entry of [...this.entries]) if (!entry.failed) this.#start(entry);
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
    this.#start(entry);
    return entry;
  }

  discard(client_id) {
    this.entries = this.entries.filter((one) => one.client_id !== client_id);
    this.#changed();
  }

  async #start(entry) {
    if (!this.online || entry.under_way) return;
    entry.under_way = true;
    entry.tries += 1;
    const turn = entry.turn = {};
    try {
      const data = await this.send(entry);
      this.#settle(entry);
      this.on_sent(entry, data);
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
      this.later(error.retry_after_ms ?? 500 * entry.tries, () => { if (this.entries.includes(entry) && !entry.failed) this.#start(entry); });
      return;
    }
    entry.failed = true;
    this.#changed();
    this.on_failed(entry, error);
  }

  #settle(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.#changed();
  }

  #changed() {
    this.save(this.entries.map(({ cid, to, text, client_id, ts, failed }) => ({ cid, to, text, client_id, ts, failed })));
  }
}
