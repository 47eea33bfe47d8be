// Whether 1,000 people who chat notice a device that catches up 10,000 messages: without it and with it in turn.
// With it means all the time: as soon as it has everything, it comes back with nothing.
import { Aside } from './aside.mjs';
import { Chat } from './chat.mjs';
import { median, p50, p99, round } from './figures.mjs';
import { Place } from './place.mjs';
import { Peer, all } from './wire.mjs';

const behind_conversations = 20;
const behind_messages = 500;   // of each
const in_flight = 10;   // of each
const pairs = 500;
const rate = 500;
const warm_ms = 2_000;
const moved_max = 1.2;

async function fill(place) {
  const owner = new Peer(place.port, { user: 'owner', device: 'd' });
  const { epoch } = await owner.connect();
  const cids = [];
  for (let i = 0; i < behind_conversations; i += 1) cids.push((await owner.call('conversation.create', { kind: 'group', title: `g${i}`, members: ['late'] })).cid);
  await all(behind_messages * behind_conversations, in_flight * behind_conversations,
    (i) => owner.call('message.send', { cid: cids[i % cids.length], client_id: `c${i}`, text: `${i} ${'.'.repeat(64)}` }));
  owner.cut();
  return { port: place.port, user: 'late', cids, epoch, expected: behind_conversations * behind_messages };
}

async function sample(place, chat, run_ms) {
  const cpu_s = place.cpu_s();
  const { delivered, refused, lacking } = await chat.talk(run_ms, rate);
  if (refused.length || lacking || chat.strange.length) throw new Error(`${refused.length} refused, ${lacking} lack: ${[...refused, ...chat.strange].slice(0, 3)}`);
  return { p50: p50(delivered), p99: p99(delivered), cpu: (place.cpu_s() - cpu_s) / run_ms * 1e5 };
}

export async function catchup(report, { runs, run_ms }) {
  // What he is told in his own log counts too: a little more than the 10,000 messages.
  const place = await Place.open({ env: { KITH_LIMITS_CATCHUP_EVENTS_MAX: '20000' } });
  const aside = new Aside('./late_device.mjs');
  try {
    const late = await fill(place);
    const chat = await Chat.open(place.port, { name: 'p', conversations: pairs, members: 2 });
    const alone = [];
    const beside = [];
    const took_ms = [];
    await chat.talk(warm_ms, rate);
    for (let run = 0; run < runs; run += 1) {
      alone.push(await sample(place, chat, run_ms));
      await aside.ask('begin', late);
      beside.push(await sample(place, chat, run_ms));
      took_ms.push(...await aside.ask('stop'));
    }
    chat.close();
    const name = `${pairs * 2} people, ${rate}/s`;
    report.add(`${name}: delivery p50 without`, 'ms', alone.map((it) => it.p50));
    report.add(`${name}: delivery p50 beside one that catches up`, 'ms', beside.map((it) => it.p50));
    const calm = report.add(`${name}: delivery p99 without`, 'ms', alone.map((it) => it.p99));
    report.add(`${name}: delivery p99 beside one that catches up`, 'ms', beside.map((it) => it.p99), calm * moved_max);
    report.add(`${name}: processor of the server, without`, '%', alone.map((it) => it.cpu));
    report.add(`${name}: … beside`, '%', beside.map((it) => it.cpu));
    report.add(`one device catches up ${late.expected} messages (${took_ms.length} times)`, 'ms', [round(Math.min(...took_ms)), median(took_ms), round(Math.max(...took_ms))]);
  } finally {
    aside.close();
    await place.close();
  }
}
