// 5,000 clients that are all cut off at the same moment, miss something, and come back at once: how long until everybody has everything.
// A third says where it stands itself (`cursors`), a third is known by its device, a third has neither and shares the default cursor.
// Refused they may be only with a pace (503 with Retry-After), which they keep to.
import { performance } from 'node:perf_hooks';
import { until } from '../../tests/support/deadline.mjs';
import { round } from './figures.mjs';
import { Place } from './place.mjs';
import { Peer, all, field, number } from './wire.mjs';

const clients = 5_000;
const group_size = 10;
const missed = 3;              // messages in each group while they are away; one more comes while they return
const connects_at_once = 100;
const handshakes_per_s = '2000';   // as in production; --dev has no pace
const settle_deadline_ms = 60_000;
const back_deadline_ms = 120_000;

/** Who is in one group: what of it he has, over all of his connections. */
class Member {
  constructor(port, i) {
    Object.assign(this, { port, user: `u${i}`, way: ['cursors', 'device', 'default'][i % 3], seqs: new Set(), whole: 0, again: 0, wrong: [], refusals: 0 });
  }

  auth() {
    const device = this.way === 'default' ? {} : { device: 'd' };
    const own = this.way === 'cursors' && this.cid ? { epoch: this.epoch, cursors: [{ cid: this.cid, seq: this.whole }] } : {};
    return { user: this.user, ...device, ...own };
  }

  async connect() {
    this.session = new Set();
    this.peer = new Peer(this.port, this.auth(), { on_message: (text) => this.#shown(text), on_event: (name, text) => this.#event(name, text) });
    ({ epoch: this.epoch } = await this.peer.connect());
    this.refusals += this.peer.refusals.length;
  }

  #shown(text) {
    const seq = number(text, 'seq');
    const id = field(text, 'id');
    if (Number.isNaN(seq)) return;   // early: its place comes with message.stored
    this.cid ??= field(text, 'cid');
    if (this.session.has(id)) this.wrong.push(`${this.user}: ${id} twice in a session`);
    this.session.add(id);
    this.again += this.seqs.has(seq) ? 1 : 0;
    this.#has(seq);
  }

  #has(seq) {
    this.seqs.add(seq);
    while (this.seqs.has(this.whole + 1)) this.whole += 1;
  }

  #event(name, text) {
    if (name === 'message.stored') { this.#has(number(text, 'seq')); return; }
    if (['#closed', 'conversation.gap', 'session.reset', 'session.closed'].includes(name)) this.wrong.push(`${this.user}: ${name} ${text}`);
  }
}

class Herd {
  static async open(place) {
    const herd = new Herd();
    Object.assign(herd, { members: [], groups: [], count: 0 });
    await all(clients, connects_at_once, async (i) => { herd.members[i] = new Member(place.port, i); await herd.members[i].connect(); });
    herd.writer = new Peer(place.port, { user: 'writer', device: 'd' });
    await herd.writer.connect();
    await all(clients / group_size, connects_at_once, async (i) => {
      const users = herd.members.slice(i * group_size, (i + 1) * group_size).map(({ user }) => user);
      herd.groups[i] = (await herd.writer.call('conversation.create', { kind: 'group', title: 'g', members: users })).cid;
    });
    return herd;
  }

  async write(times) {
    await all(this.groups.length * times, connects_at_once,
      (i) => this.writer.call('message.send', { cid: this.groups[i % this.groups.length], client_id: `w${this.count + i}`, text: 'x' }));
    this.count += this.groups.length * times;
  }

  get expected() { return this.count / this.groups.length; }
  lacking() { return this.members.filter(({ whole }) => whole < this.expected).length; }
  everybody(deadline_ms) { return until(() => this.lacking() === 0, () => `everybody has everything; ${this.lacking()} lack something: ${this.#sample()}`, deadline_ms); }
  #sample() { return this.members.filter(({ whole }) => whole < this.expected).slice(0, 3).map(({ user, way, whole, peer }) => `${user} ${way} ${whole} ${peer.online}`); }
  cut() { for (const { peer } of this.members) peer.cut(); }
  wrong() { return this.members.flatMap(({ wrong }) => wrong); }
  sum(count) { return this.members.reduce((all_of, member) => all_of + count(member), 0); }
}

async function come_back(place, herd) {
  const refusals = herd.sum((member) => member.refusals);
  const again = herd.sum((member) => member.again);
  herd.cut();
  await until(async () => await place.metric('kith_sessions') <= 1, 'the server has noticed', settle_deadline_ms);
  await herd.write(missed);
  const began = performance.now();
  const lost = [];
  const back = herd.members.map((member) => member.connect().catch((error) => lost.push(`${member.user}: ${error.message}`)));
  await Promise.all([...back, herd.write(1)]);
  const online_s = (performance.now() - began) / 1_000;
  await herd.everybody(back_deadline_ms);
  const complete_s = (performance.now() - began) / 1_000;
  return { online_s, complete_s, lost, refusals: herd.sum((member) => member.refusals) - refusals, again: herd.sum((member) => member.again) - again, resident: place.resident_mb() };
}

async function measure(report, { runs }, pace) {
  const place = await Place.open({ env: { KITH_LIMITS_HANDSHAKES_PER_S: pace } });
  try {
    const herd = await Herd.open(place);
    await herd.write(1);
    await herd.everybody(settle_deadline_ms);
    await new Promise((done) => setTimeout(done, 2_500));   // proofs and cursors, written once a second
    const taken = [];
    for (let run = 0; run < runs; run += 1) taken.push(await come_back(place, herd));
    const name = `${clients} come back at once, ${pace === '0' ? 'no pace' : `${pace}/s`}`;
    report.add(`${name}: all connected after`, 's', taken.map((it) => it.online_s));
    report.add('… everybody has everything after', 's', taken.map((it) => it.complete_s));
    report.add('… paced refusals, kept to', '', taken.map((it) => it.refusals));
    report.add('… any other error', '', taken.map((it) => it.lost.length), 0);
    report.add('… twice in a session, gaps, resets, closed', '', [herd.wrong().length], 0);
    report.add('… sent again, over all', '', taken.map((it) => it.again));
    report.add('… resident memory', 'MB', taken.map((it) => round(it.resident)));
    const told = [...taken.flatMap(({ lost }) => lost), ...herd.wrong()];
    if (told.length) console.log(`# ${told.slice(0, 5).join('; ')}`);
    herd.cut();
    herd.writer.cut();
  } finally {
    await place.close();
  }
}

export async function herd(report, options) {
  await measure(report, options, handshakes_per_s);
  await measure(report, options, '0');
}
