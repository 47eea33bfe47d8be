// The judge of the fault runner finds each thing it looks for, and nothing in what is right.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chance } from './faults/chance.mjs';
import { judge, rules } from './faults/judge.mjs';
import { draw, faults, kinds } from './faults/kinds.mjs';

const cid = 'c_1';

/** Ann writes a1 a2 a3, Bob b1; stored as a1 a2 b1 a3. Bob has two sessions, the second is sent the last two. */
function good() {
  const message = (sender, client_id, seq) => ({ cid, id: `id_${client_id}`, seq, no: seq, sender, client_id, text: `text of ${client_id}` });
  const log = [message('ann', 'a1', 1), message('ann', 'a2', 2), message('bob', 'b1', 3), message('ann', 'a3', 4)];
  const [a1, a2, b1, a3] = log;
  const send = ({ client_id, text, id, seq, no }) => ({ cid, client_id, text, refused: [], emitted: [1], acks: [{ session: 1, id, seq, no, duplicate: false }] });
  const hello = (session) => ({ session, what: 'hello' });
  const shown = (session, it) => ({ session, what: 'new', ...it });
  const ack = (session, { id, seq, client_id }) => ({ session, what: 'ack', cid, id, seq, client_id });
  return {
    conversations: [{ cid, members: ['ann', 'bob'] }],
    stored: new Map([[cid, log.map((it) => ({ ...it }))]]),
    devices: [
      { name: 'ann', user: 'ann', sends: [a1, a2, a3].map(send), heard: [hello(1), ack(1, a1), ack(1, a2), shown(1, b1), ack(1, a3)] },
      { name: 'bob', user: 'bob', sends: [{ ...send(b1), emitted: [1, 2] }], heard: [hello(1), shown(1, a1), shown(1, a2), hello(2), shown(2, a2), ack(2, b1), shown(2, a3)] },
    ],
  };
}

function rules_broken(change) {
  const world = good();
  change(world, world.stored.get(cid), ...world.devices);
  return [...new Set(judge(world).violations.map(({ rule }) => rule))].sort();
}

const cases = [
  ['what is right', [], () => {}],
  ['an own message acknowledged after what lies above it', [], (_, log, ann) => { ann.heard.splice(2, 1); ann.heard.push({ session: 1, what: 'ack', cid, id: log[1].id, seq: 2 }); }],
  ['a gap that is read', [], (_, log, ann, bob) => { bob.heard.splice(4, 1, { session: 2, what: 'gap', cid, from: 2, to: 2 }, { session: 2, what: 'filled', ...log[1] }); }],
  ['a send refused, and sent again behind a later one', [], (_, log, ann) => { ann.sends[0].refused.push('unavailable'); ann.sends.push(ann.sends.shift()); }],
  ['an acknowledged message that is not stored', ['lacks', 'lost', 'wrong'], (_, log) => { log[3] = { ...log[3], id: 'id_x', client_id: 'x' }; }],
  ['the tail of a log that is lost', ['lost', 'wrong'], (_, log) => { log.pop(); }],
  ['a client_id stored twice', ['lacks', 'twice'], (_, log) => { log.push({ ...log[0], id: 'id_other', seq: 5, no: 5 }); }, ['order', 'wrong']],
  ['an id stored twice', ['twice'], (_, log) => { log.push({ ...log[3], seq: 5, no: 5 }); }, ['wrong']],
  ['a hole in the log', ['order'], (_, log) => { log.splice(2, 1); }, ['lost', 'wrong', 'hole']],
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
  ['a message nobody wrote', ['wrong'], (_, log, ann, bob) => { const extra = { ...log[3], id: 'id_z', client_id: 'z', seq: 5, no: 5 }; log.push(extra); for (const { heard } of [ann, bob]) heard.push({ ...extra, session: heard.at(-1).session, what: 'new' }); }],
  ['a session.reset', ['wrong'], (_, log, ann) => { ann.heard.push({ session: 1, what: 'reset' }); }],
];

describe('the judge of the fault runner', () => {
  for (const [name, expected, change, also = []] of cases)
    it(`${expected.length ? 'finds' : 'lets pass'} ${name}`, () => {
      const broken = rules_broken(change);
      for (const rule of expected) assert.ok(broken.includes(rule), `${rule} in ${broken}`);
      for (const rule of broken) assert.ok([...expected, ...also].includes(rule), `${rule} in ${[...expected, ...also]}`);
    });

  it('has a test for each rule', () => {
    assert.deepEqual([...new Set(cases.flatMap(([, expected]) => expected))].sort(), [...rules].sort());
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
