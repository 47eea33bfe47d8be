// The judge of the fault runner finds each thing it looks for, and nothing in what is right.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chance } from './faults/chance.mjs';
import { judge, rules } from './faults/judge.mjs';
import { draw, faults, kinds } from './faults/kinds.mjs';

const cid = 'c_1';

const message = (sender, client_id, seq, no = seq) => ({ cid, id: `id_${client_id}`, seq, no, sender, client_id, text: `text of ${client_id}` });
const send = ({ client_id, text, id, seq, no }) => ({ cid, client_id, text, refused: [], emitted: [1], acks: [{ session: 1, id, seq, no, duplicate: false }] });
const hello = (session) => ({ session, what: 'hello' });
const shown = (session, it) => ({ session, what: 'new', ...it });
const early = (session, it) => ({ session, what: 'early', ...it, seq: null, no: null });
const settled = (session, { id, seq, no }) => ({ session, what: 'stored', cid, id, seq, no });
const ack = (session, { id, seq, client_id }) => ({ session, what: 'ack', cid, id, seq, client_id });
const list = (marks) => new Map(Object.entries(marks).map(([user, mark]) => [user, new Map([[cid, mark]])]));

/** Ann writes a1 a2 a3, Bob b1; stored as a1 a2 b1 a3. Bob has two sessions, the second is sent the last two. */
function good() {
  const log = [message('ann', 'a1', 1), message('ann', 'a2', 2), message('bob', 'b1', 3), message('ann', 'a3', 4)];
  const [a1, a2, b1, a3] = log;
  return {
    conversations: [{ cid, members: ['ann', 'bob'] }],
    stored: new Map([[cid, log.map((it) => ({ ...it }))]]),
    listed: list({ ann: { read_seq: 4, unread: 0 }, bob: { read_seq: 3, unread: 1 } }),
    devices: [
      { name: 'ann', user: 'ann', sends: [a1, a2, a3].map(send), heard: [hello(1), ack(1, a1), ack(1, a2), shown(1, b1), ack(1, a3)] },
      { name: 'bob', user: 'bob', sends: [{ ...send(b1), emitted: [1, 2] }], heard: [hello(1), shown(1, a1), shown(1, a2), hello(2), shown(2, a2), ack(2, b1), shown(2, a3)] },
    ],
  };
}

/** The same, but Bob is shown a2 and a3 before they are stored. */
function good_early() {
  const world = good();
  const [, a2, , a3] = world.stored.get(cid);
  const [, bob] = world.devices;
  bob.heard.splice(2, 1, early(1, a2), settled(1, a2));
  bob.heard.splice(-1, 1, early(2, a3), settled(2, a3));
  return world;
}

/** Bob comes in at 2, is shown out at 4 and let in again at 6. Ann writes at 1, 3 and 5, he at 7. */
function good_door() {
  const [a1, a2, a3, b1] = [message('ann', 'a1', 1, 1), message('ann', 'a2', 3, 2), message('ann', 'a3', 5, 3), message('bob', 'b1', 7, 4)];
  const moved = (change, seq) => ({ session: 1, what: 'member', change, cid, seq, user: 'bob' });
  const [came, went, again] = [moved('added', 2), moved('removed', 4), moved('added', 6)];
  return {
    conversations: [{ cid, members: ['ann'], restless: true }],
    stored: new Map([[cid, [a1, a2, a3, b1].map((it) => ({ ...it }))]]),
    listed: list({ ann: { read_seq: 5, unread: 1 }, bob: { read_seq: 7, unread: 0 } }),
    devices: [
      { name: 'ann', user: 'ann', sends: [a1, a2, a3].map(send), heard: [hello(1), ack(1, a1), came, ack(1, a2), went, ack(1, a3), again, shown(1, b1)] },
      { name: 'bob', user: 'bob', sends: [send(b1)], heard: [hello(1), came, shown(1, a2), went, again, ack(1, b1)] },
    ],
  };
}

function rules_broken(change, world_of) {
  const world = world_of();
  change(world, world.stored.get(cid), ...world.devices);
  return [...new Set(judge(world).violations.map(({ rule }) => rule))].sort();
}

const cases = [
  ['what is right', [], () => {}],
  ['an own message acknowledged after what lies above it', [], (_, log, ann) => { ann.heard.splice(2, 1); ann.heard.push({ session: 1, what: 'ack', cid, id: log[1].id, seq: 2 }); }],
  ['a gap that is read', [], (_, log, ann, bob) => { bob.heard.splice(4, 1, { session: 2, what: 'gap', cid, from: 2, to: 2 }, { session: 2, what: 'filled', ...log[1] }); }],
  ['a send refused, and sent again behind a later one', [], (_, log, ann) => { ann.sends[0].refused.push('unavailable'); ann.sends.push(ann.sends.shift()); }],
  ['an acknowledged message that is not stored', ['lacks', 'lost', 'wrong'], (_, log) => { log[3] = { ...log[3], id: 'id_x', client_id: 'x' }; }],
  ['the tail of a log that is lost', ['lost', 'wrong'], (_, log) => { log.pop(); }, ['unread']],
  ['a client_id stored twice', ['lacks', 'twice'], (_, log) => { log.push({ ...log[0], id: 'id_other', seq: 5, no: 5 }); }, ['order', 'wrong', 'unread']],
  ['an id stored twice', ['twice'], (_, log) => { log.push({ ...log[3], seq: 5, no: 5 }); }, ['wrong', 'unread']],
  ['a hole in the log', ['order'], (_, log) => { log.splice(2, 1); }, ['lost', 'wrong', 'hole', 'unread']],
  ['a `no` that is skipped', ['order'], (_, log) => { log[3].no = 5; }, ['wrong']],
  ['two sends stored the wrong way round', ['order'], (_, log, ann) => { ann.sends.reverse(); }],
  ['a session that goes back', ['order'], (_, log, ann, bob) => { bob.heard.splice(1, 2, bob.heard[2], bob.heard[1]); }],
  ['an event left out within a session', ['hole'], (_, log, ann, bob) => { bob.heard.splice(2, 1, { ...bob.heard[2], ...log[3] }); }],
  ['an event shown twice in a session', ['shown_twice'], (_, log, ann, bob) => { bob.heard.push({ ...bob.heard.at(-1) }); }],
  ['an own message shown after its acknowledgement', ['shown_twice'], (_, log, ann) => { ann.heard.splice(4, 0, { session: 1, what: 'new', ...log[1] }); }],
  ['a device that lacks a message', ['lacks'], (_, log, ann, bob) => { bob.heard.pop(); }],
  ['a send without an answer', ['unanswered'], (_, log, ann) => { ann.sends[2].acks = []; }],
  ['a send refused for good', ['refused'], (_, log, ann) => { ann.sends[2].refused_for_good = { code: 'internal' }; }],
  ['an acknowledgement with another seq', ['wrong'], (_, log, ann) => { ann.sends[1].acks.push({ ...ann.sends[1].acks[0], seq: 3 }); }],
  ['a message stored with another text', ['wrong'], (_, log) => { log[0].text = 'other'; }],
  ['a message shown that is not stored', ['wrong'], (_, log, ann, bob) => { bob.heard.push({ ...bob.heard.at(-1), id: 'id_y', seq: 5 }); }],
  ['a message nobody wrote', ['wrong'], (_, log, ann, bob) => { const extra = { ...log[3], id: 'id_z', client_id: 'z', seq: 5, no: 5 }; log.push(extra); for (const { heard } of [ann, bob]) heard.push({ ...extra, session: heard.at(-1).session, what: 'new' }); }, ['unread']],
  ['a mark that a reading moved', [], (world, log, ann, bob) => { bob.heard.push({ session: 2, what: 'reads', cid, seq: 4 }, { session: 2, what: 'read', cid, seq: 4 }); world.listed.get('bob').set(cid, { read_seq: 4, unread: 0 }); }],
  ['a reading that was not answered', [], (_, log, ann, bob) => { bob.heard.push({ session: 2, what: 'reads', cid, seq: 4 }); }],
  ['an unread count that is not the count', ['unread'], (world) => { world.listed.get('bob').set(cid, { read_seq: 3, unread: 2 }); }],
  ['a reading mark that was answered and is lost', ['unread'], (_, log, ann, bob) => { bob.heard.push({ session: 2, what: 'reads', cid, seq: 4 }, { session: 2, what: 'read', cid, seq: 4 }); }],
  ['a reading mark nobody set', ['unread'], (world) => { world.listed.get('bob').set(cid, { read_seq: 4, unread: 0 }); }],
  ['a conversation that is not in the list', ['unread'], (world) => { world.listed.get('bob').delete(cid); }],
  ['a session.reset', ['wrong'], (_, log, ann) => { ann.heard.push({ session: 1, what: 'reset' }); }],
];

const early_cases = [
  ['what came early and was stored', [], () => {}],
  ['an early one whose session was lost', [], (_, log, ann, bob) => { bob.heard.splice(3, 1, { session: 1, what: 'lost' }); }],
  ['an early one read out of a gap', [], (_, log, ann, bob) => { bob.heard.splice(-1, 1, { session: 2, what: 'gap', cid, from: 4, to: 4 }, { session: 2, what: 'filled', ...log[3] }); }],
  ['an early one retracted, sent again and stored', [], (_, log, ann, bob) => { ann.sends[2].emitted.push(1); bob.heard.splice(-1, 1, { session: 2, what: 'retracted', cid, id: log[3].id }, shown(2, log[3])); }],
  ['an early one never settled', ['early'], (_, log, ann, bob) => { bob.heard.pop(); }, ['lacks']],
  ['an early one settled only in the next session', ['early'], (_, log, ann, bob) => { bob.heard.splice(4, 0, ...bob.heard.splice(3, 1), { session: 2, what: 'lost' }, hello(2)); bob.heard.splice(3, 2, hello(2), settled(2, log[1])); }, ['shown_twice']],
  ['one told to be stored that never came', ['early'], (_, log, ann, bob) => { bob.heard.splice(-2, 1); }],
  ['one retracted that never came', ['early'], (_, log, ann, bob) => { bob.heard.push({ session: 2, what: 'retracted', cid, id: log[0].id }); }],
  ['one retracted and stored, sent only once', ['early'], (_, log, ann, bob) => { bob.heard.splice(-1, 0, { session: 2, what: 'retracted', cid, id: log[3].id }, early(2, log[3])); }],
  ['an early one shown again by message.new', ['shown_twice'], (_, log, ann, bob) => { bob.heard.splice(-1, 1, shown(2, log[3])); }],
  ['an early one shown early twice', ['shown_twice'], (_, log, ann, bob) => { bob.heard.splice(-1, 0, early(2, log[3])); }],
  ['an early one with another text', ['wrong'], (_, log, ann, bob) => { bob.heard.at(-2).text = 'other'; }],
  ['one stored at another place than was told', ['wrong'], (_, log, ann, bob) => { bob.heard.at(-1).seq = 5; }, ['hole']],
];

const door_cases = [
  ['comings and goings', [], () => {}],
  ['an early one after his removal', [], (_, log, ann, bob) => { bob.heard.splice(4, 0, early(1, log[2]), { session: 1, what: 'lost' }); }],
  ['a send refused to who was shown out', [], (_, log, ann, bob) => { bob.sends.push({ ...send(message('bob', 'b2', 8)), acks: [], refused: ['not_member'], refused_for_good: { code: 'not_member' } }); }],
  ['a send refused to who was shown out, and stored', ['refused'], (_, log, ann, bob) => { Object.assign(bob.sends[0], { refused: ['not_member'], refused_for_good: { code: 'not_member' } }); }],
  ['what was written after his removal, shown to him', ['after_removal'], (_, log, ann, bob) => { bob.heard.splice(4, 0, shown(1, log[2])); }],
  ['what was written before he came, shown to him', ['after_removal'], (_, log, ann, bob) => { bob.heard.splice(1, 0, shown(1, log[0])); }],
  ['what he wrote after his removal', ['after_removal'], (world, log, ann, bob) => { bob.heard.splice(4, 1); ann.heard.splice(6, 1); }, ['order', 'refused', 'hole', 'wrong', 'unread']],
  ['a conversation he left in his list', ['after_removal'], (_, log, ann, bob) => { const gone = { session: 1, what: 'member', change: 'removed', cid, seq: 8, user: 'bob' }; ann.heard.push(gone); bob.heard.push(gone); }],
  ['his own removal left out', ['hole'], (_, log, ann, bob) => { bob.heard.splice(3, 1); }],
  ['a message before his return that he lacks', ['lacks'], (_, log, ann, bob) => { bob.heard.pop(); }],
  ['a place of the log nobody can tell the use of', ['order'], (_, log, ann, bob) => { for (const device of [ann, bob]) device.heard = device.heard.filter(({ seq, what }) => what !== 'member' || seq !== 6); }, ['after_removal', 'unread', 'hole', 'lacks']],
];

describe('the judge of the fault runner', () => {
  const worlds = [[good, cases], [good_early, early_cases], [good_door, door_cases]];
  for (const [world_of, [name, expected, change, also = []]] of worlds.flatMap(([world_of, of]) => of.map((it) => [world_of, it])))
    it(`${expected.length ? 'finds' : 'lets pass'} ${name}`, () => {
      const broken = rules_broken(change, world_of);
      for (const rule of expected) assert.ok(broken.includes(rule), `${rule} in ${broken}`);
      for (const rule of broken) assert.ok([...expected, ...also].includes(rule), `${rule} in ${[...expected, ...also]}`);
    });

  it('has a test for each rule', () => {
    assert.deepEqual([...new Set([...cases, ...early_cases, ...door_cases].flatMap(([, expected]) => expected))].sort(), [...rules].sort());
  });

  it('counts what was acknowledged and what was shown', () => {
    const { acked, delivered } = judge(good());
    assert.deepEqual([acked, delivered], [4, 5]);
  });
});

describe('the faults', () => {
  it('are drawn alike from the same seed, each within its limits', () => {
    for (const kind of kinds) {
      const [one, same] = [new Chance(7).branch(3), new Chance(7).branch(3)].map((random) => Array.from({ length: 50 }, () => draw(kind, random, 10_000)));
      assert.deepEqual(one.map(({ said, hold_ms }) => [said, hold_ms]), same.map(({ said, hold_ms }) => [said, hold_ms]));
      for (const { hold_ms } of one) assert.ok(hold_ms <= 10_000);
      if (kind !== 'mixed') for (const { hold_ms } of one) assert.ok(hold_ms >= faults[kind].hold_ms[0]);
    }
  });
});
