// What one device was sent, session by session: each event once, ascending, nothing left out on the way, nothing that does not concern
// him, and as it is stored. What came early (no seq) and was then told to be stored is one showing; it is told before the session ends.

export function check_sessions(device, context) {
  let session = new Session(device, context);
  for (const event of device.heard) {
    if (event.what === 'hello') session = new Session(device, context);
    else session.take(event);
  }
  session.end();
}

class Session {
  constructor(device, { stored, by_id, memberships, sends, say }) {
    Object.assign(this, { device, stored, by_id, memberships, sends, say, places: new Map(), lost: false });
    // An own message comes as an acknowledgement, which may follow what lies above it, or be lost with the session.
    this.own = new Map(device.sends.map((entry) => [entry.client_id, entry]));
  }

  /** last: position; ids: shown or acknowledged; early: id → event, not settled; was_early: settled ids. */
  #place(cid) {
    if (!this.places.has(cid)) this.places.set(cid, { last: 0, gaps: [], ids: new Set(), early: new Map(), was_early: new Set() });
    return this.places.get(cid);
  }

  take(event) {
    const { what, cid, id, seq } = event;
    const where = `${this.device.name} session ${event.session}: ${cid} ${seq ?? ''}`;
    const at = cid && this.#place(cid);
    switch (what) {
      case 'lost': this.lost = true; return;
      case 'reset': this.say('wrong', `${this.device.name} session ${event.session}: session.reset`); return;
      case 'gap': at.gaps.push(event); return;
      case 'filled': this.#settle(at, id); this.#check_shown(event, where); return;
      case 'ack': this.#settle(at, id); at.ids.add(id); return;
      case 'early': this.#early(at, event, where); return;
      case 'retracted': this.#retracted(at, event, where); return;
      case 'stored': this.#stored_now(at, event, where); return;
      case 'new': this.#shown(at, event, where); return;
      case 'member':
        // Who goes is not told what becomes of what he was shown early.
        if (event.change === 'removed' && event.user === this.device.user) for (const early of at.early.keys()) this.#settle(at, early);
        this.#advance(at, event, where);
        return;
      case 'own': this.#advance(at, event, where); return;
      default:
    }
  }

  #settle(at, id) {
    if (at.early.delete(id)) at.was_early.add(id);
  }

  #early(at, event, where) {
    if (at.ids.has(event.id) || at.early.has(event.id)) this.say('shown_twice', `${where}: ${event.id} early`);
    at.early.set(event.id, event);
  }

  /** Only what is not stored is retracted; sent again, it may be stored after all. */
  #retracted(at, { id }, where) {
    const early = at.early.get(id);
    at.early.delete(id);
    if (!early) this.say('early', `${where}: ${id} is retracted and was not early`);
    else if (this.by_id.has(id) && this.sends.get(early.client_id)?.emitted.length === 1) this.say('early', `${where}: ${id} was retracted and is stored`);
  }

  #stored_now(at, event, where) {
    const { id, seq, no } = event;
    const early = at.early.get(id);
    if (early) this.#check_shown({ ...early, seq, no }, where);
    else if (!at.was_early.has(id)) this.say('early', `${where}: ${id} is told to be stored and was not early`);
    this.#settle(at, id);
    if (at.ids.has(id)) return;   // acknowledged before
    at.ids.add(id);
    this.#advance(at, event, where);
  }

  #shown(at, event, where) {
    this.#check_shown(event, where);
    const twice = at.ids.has(event.id) || at.early.has(event.id);
    if (twice) this.say('shown_twice', `${where}: ${event.id}`);
    this.#settle(at, event.id);
    at.ids.add(event.id);
    this.#advance(at, event, where, twice);
  }

  /** The position moves over what is an own message, lies in a gap or does not concern him, and over nothing else. */
  #advance(at, { cid, seq, session }, where, told = false) {
    if (this.memberships.knows(cid) && !this.memberships.was_in(cid, this.device.user, seq)) this.say('after_removal', where);
    if (seq <= at.last && !told) this.say('order', `${where} after ${at.last}`);
    for (let passed = at.last + 1; at.last && passed < seq; passed += 1)
      if (!this.#covered(at, cid, passed, session)) this.say('hole', `${where}: ${passed} was left out`);
    at.last = Math.max(at.last, seq);
  }

  #covered(at, cid, seq, session) {
    const own = this.own.get(this.#stored_at(cid, seq)?.client_id)?.emitted.includes(session);
    return own || at.gaps.some(({ from, to }) => from <= seq && seq <= to) || (this.memberships.knows(cid) && !this.memberships.was_in(cid, this.device.user, seq));
  }

  #stored_at(cid, seq) {
    const messages = this.stored.get(cid);
    if (!messages) return undefined;
    messages.by_seq ??= new Map(messages.map((message) => [message.seq, message]));
    return messages.by_seq.get(seq);
  }

  #check_shown({ cid, id, seq, no, sender, client_id, text }, where) {
    const message = this.by_id.get(id);
    if (!message) { this.say('wrong', `${where}: ${id} was shown and is not stored`); return; }
    const same = message.cid === cid && message.seq === seq && message.no === no && message.sender === sender && message.client_id === client_id && message.text === text;
    if (!same) this.say('wrong', `${where}: ${id} was shown as ${seq}/${no} ${client_id}, stored as ${message.cid} ${message.seq}/${message.no} ${message.client_id}`);
  }

  /** A session that is lost owes nothing; one that lives has settled all. */
  end() {
    if (this.lost) return;
    for (const [cid, { early }] of this.places) for (const id of early.keys()) this.say('early', `${this.device.name}: ${id} of ${cid} was early and is never settled`);
  }
}
