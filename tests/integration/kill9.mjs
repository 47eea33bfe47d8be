// The server is killed under load and started again, ROUNDS times (20). After each restart, judged from the clients' own logs and
// from message.history alone: every acknowledged message is there exactly once, in its sender's order, at the seq of its ack, with no hole;
// and every client has each message at least once, and once by `id`; `kith store check` finds nothing. A line per round, then `N passed, N failed`.
import assert from 'node:assert/strict';
import { Crowd } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { Server } from '../support/server.mjs';
import { Talker } from './talker.mjs';

const rounds = Number(process.env.ROUNDS || 20);
const seed = Number(process.env.SEED || Date.now() % 1_000_000);
const catch_up_ms = 20_000;

let state = seed || 1;
const random = () => { state = (state * 48271) % 2147483647; return state / 2147483647; };

/** Two of each version, on every way of transport; pairs and groups over the versions. */
const people = [
  { user: 'ann4', version: 'v4', way: 'upgrade' }, { user: 'bob4', version: 'v4', way: 'websocket' }, { user: 'cyd4', version: 'v4', way: 'polling' },
  { user: 'dan3', version: 'v3', way: 'upgrade' }, { user: 'eve3', version: 'v3', way: 'websocket' },
  { user: 'fay2', version: 'v2', way: 'upgrade' }, { user: 'gus2', version: 'v2', way: 'websocket' }, { user: 'hal2', version: 'v2', way: 'polling' },
];

/** The whole conversation as the server has it now. */
async function read_back(reader, cid) {
  const stored = await reader.client.history(cid);
  assert.deepEqual(stored.map(({ seq }) => seq), stored.map((_, i) => i + 1), `${cid}: seq is dense`);
  assert.deepEqual(stored.map(({ no }) => no), stored.map((_, i) => i + 1), `${cid}: no is dense`);
  assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length, `${cid}: ids are distinct`);
  assert.equal(new Set(stored.map(({ sender, client_id }) => `${sender}/${client_id}`)).size, stored.length, `${cid}: every client_id is stored once`);
  return stored;
}

/** Acks against the store: there, once, at the place that was said, in the order it was sent. */
function check_acks(cid, stored, talkers) {
  const by_client = new Map(stored.map((message) => [message.client_id, message]));
  for (const talker of talkers) {
    let last_seq = 0;
    for (const { client_id, text, ack } of talker.sent.filter((entry) => entry.cid === cid && entry.ack)) {
      const message = by_client.get(client_id);
      assert.ok(message, `${talker.user}: acknowledged ${client_id} is lost`);
      assert.deepEqual([message.id, message.seq, message.no, message.sender, message.text], [ack.id, ack.seq, ack.no, talker.user, text]);
      assert.ok(message.seq > last_seq, `${talker.user}: ${client_id} is out of order`);
      last_seq = message.seq;
    }
  }
}

async function check(talkers, conversations) {
  let messages = 0;
  for (const { cid, members } of conversations) {
    const inside = talkers.filter(({ user }) => members.includes(user));
    const stored = await read_back(inside[0], cid);
    messages += stored.length;
    check_acks(cid, stored, inside);
    for (const talker of inside) {
      await until(() => talker.has_all(cid, stored), () => `${talker.user} has all of ${cid}`, catch_up_ms)
        .catch(() => { throw new Error(`${talker.user} (${talker.version} ${talker.way}) misses of ${cid}: ${talker.missing(cid, stored).slice(0, 8).join(' ')} of ${stored.length}`); });
      const shown = talker.shown(cid);
      assert.equal(new Set(shown.map(({ id }) => id)).size, shown.length, `${talker.user}: shown twice`);
      assert.deepEqual(shown.map(({ id, seq }) => [id, seq]), stored.map(({ id, seq }) => [id, seq]), `${talker.user}: shows ${cid} as it is stored`);
    }
  }
  return messages;
}

async function round(number, server, talkers, conversations) {
  const kill_after = 40 + Math.floor(random() * 160);   // acks of this round, then the kill
  const acked_before = talkers.reduce((sum, talker) => sum + talker.acked, 0);
  const acked = () => talkers.reduce((sum, talker) => sum + talker.acked, 0) - acked_before;
  for (const talker of talkers) talker.talk();
  await until(() => acked() >= kill_after, `${kill_after} acks before the kill`, 20_000);
  await new Promise((done) => setTimeout(done, Math.floor(random() * 25)));   // not only right behind an ack
  await server.kill9();
  for (const talker of talkers) talker.pause();
  const in_flight = talkers.reduce((sum, talker) => sum + talker.unanswered().length, 0);
  const started = Date.now();
  await server.restart();
  const ready_ms = Date.now() - started;
  await Promise.all(talkers.map((talker) => talker.back()));
  await Promise.all(talkers.map((talker) => talker.settle()));   // what was not answered was sent again with its client_id
  const messages = await check(talkers, conversations);
  assert.match(await server.run('store', 'check'), /^good: /);
  console.log(`ok    round ${number}: ${acked()} acknowledged, ${in_flight} in flight at the kill, ready again after ${ready_ms} ms, ${messages} stored, all there once and in order`);
}

async function main() {
  const server = await Server.start();
  const crowd = new Crowd(server.url);
  const talkers = people.map((person) => new Talker(crowd, person, random));
  let passed = 0;
  let failed = 0;
  console.log(`# seed ${seed}, ${rounds} rounds`);
  try {
    await Promise.all(talkers.map((talker) => talker.back()));
    const conversations = await begin(talkers);
    for (let number = 1; number <= rounds; number += 1) {
      try {
        await round(number, server, talkers, conversations);
        passed += 1;
      } catch (error) {
        failed += 1;
        console.log(`FAIL  round ${number} (SEED=${seed}): ${error.stack}\n${server.log.slice(-2000)}`);
        if (!server.alive()) break;
      }
    }
    crowd.close();
    await server.stop();
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${error.stack}`);
    crowd.close();
    if (server.alive()) await server.kill9();
    server.remove_data();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || passed < rounds ? 1 : 0);
}

/** Pairs and groups with people of every version in them; nobody joins later, so seq counts messages only. */
async function begin(talkers) {
  const by_user = new Map(talkers.map((talker) => [talker.user, talker]));
  const pairs = [['ann4', 'fay2'], ['bob4', 'eve3'], ['cyd4', 'hal2'], ['dan3', 'gus2'], ['ann4', 'bob4']];
  const groups = [people.map(({ user }) => user), ['ann4', 'dan3', 'fay2'], ['bob4', 'eve3', 'gus2', 'hal2', 'cyd4']];
  const conversations = [];
  for (const members of pairs) {
    const { cid } = await by_user.get(members[0]).begin_direct(members[1]);
    conversations.push({ cid, members });
  }
  for (const members of groups) {
    const { cid } = await by_user.get(members[0]).client.call('conversation.create', { kind: 'group', title: 'g', members: members.slice(1) });
    conversations.push({ cid, members });
  }
  for (const talker of talkers) talker.cids = conversations.filter(({ members }) => members.includes(talker.user)).map(({ cid }) => cid);
  return conversations;
}

// A talker's strand that breaks is a finding, not a crash of the judge.
process.on('unhandledRejection', (error) => { console.log(`FAIL  ${error.stack}`); console.log('0 passed, 1 failed'); process.exit(1); });
await main();
