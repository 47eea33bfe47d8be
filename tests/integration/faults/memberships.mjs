// Who was a member when, told from what anybody heard: of each user of each conversation the stretches of its log that concern him.
const forever = Infinity;

export class Memberships {
  constructor(devices, conversations) {
    this.logs = new Map(conversations.map(({ cid, members, restless }) => [cid, { members, restless: Boolean(restless), events: new Map(), gaps: [] }]));
    for (const { heard } of devices) for (const event of heard) {
      const log = this.logs.get(event.cid);
      if (event.what === 'member') log?.events.set(event.seq, event);
      if (event.what === 'gap') log?.gaps.push(event);
    }
    for (const log of this.logs.values()) log.stretches = stretches_of(log);
  }

  /** That place of the log is taken by somebody's coming or going, or may be: all who could tell were told of a gap. */
  is_event(cid, seq) {
    const { restless, events, gaps } = this.logs.get(cid);
    return events.has(seq) || (restless && gaps.some(({ from, to }) => from <= seq && seq <= to));
  }

  /** Whether `seq` is the business of `user`; his own coming and going are. */
  was_in(cid, user, seq) { return this.#of(cid, user).some(({ from, until }) => from <= seq && seq <= until); }

  /** The seq `user` is a member from, or undefined for who is none at the end. */
  since(cid, user) {
    const last = this.#of(cid, user).at(-1);
    return last?.until === forever ? last.from : undefined;
  }

  knows(cid) { return this.logs.has(cid); }
  #of(cid, user) { return this.logs.get(cid)?.stretches.get(user) ?? []; }
}

function stretches_of({ members, events }) {
  const all = new Map(members.map((user) => [user, [{ from: 0, until: forever }]]));
  for (const { seq, user, change } of [...events.values()].sort((a, b) => a.seq - b.seq)) {
    if (!all.has(user)) all.set(user, []);
    const last = all.get(user).at(-1);
    if (change === 'removed' && last) last.until = seq;
    if (change === 'added') all.get(user).push({ from: seq, until: forever });
  }
  return all;
}
