// The door of a group: its owner lets people in and shows them out all the while. What was asked for is asked again until answered.
const retry_ms_min = 50;

export class Door {
  /** `owner`: his device; `guests`: who comes and goes in `cid`. */
  constructor(owner, cid, guests, random) {
    Object.assign(this, { owner, cid, guests, random, open: false, pending: undefined, swings: 0 });
    owner.on_greeted = () => { if (this.pending) this.#ask(); };
  }

  begin() { this.open = true; this.#swing(); }
  end() { this.open = false; clearTimeout(this.timer); }
  settled() { return this.pending === undefined; }

  #swing() {
    if (!this.open || this.pending) return;
    const user = this.random.one(this.guests);
    this.pending = this.random.is(0.5) ? ['member.add', { cid: this.cid, users: [user] }] : ['member.remove', { cid: this.cid, user }];
    this.#ask();
  }

  #ask() {
    const asked = this.pending;
    this.owner.client.socket.emit(...asked, ({ ok, error }) => { if (asked === this.pending) this.#answered(ok, error); });
  }

  /** Adding who is in and removing who is out are answered too: that they changed nothing is no matter here. */
  #answered(ok, error) {
    if (!ok && error.retryable) {
      this.timer = setTimeout(() => { if (this.owner.ready && this.pending) this.#ask(); }, Math.max(retry_ms_min, error.retry_after_ms ?? 0));
      return;
    }
    this.pending = undefined;
    this.swings += 1;
    this.timer = setTimeout(() => this.#swing(), this.random.between(10, 100));
  }

  close() { this.end(); this.pending = undefined; }
}
