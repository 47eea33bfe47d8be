// How much later a message is seen when commits take longer, for each way of waiting for them.
// A table of WITHIN (5,0,committed; `default` sets nothing) by COMMITS (1,20,100 ms).
import { Chat } from './chat.mjs';
import { p50, p99 } from './figures.mjs';
import { Place } from './place.mjs';

const rate = 300;
const warm_ms = 1_000;
const kinds = [
  { kind: 'one to one', conversations: 50, members: 2 },
  { kind: 'groups of 8', conversations: 20, members: 8 },
];
const on_top_ms = 2;      // more than deliver_within allows
const never_waits_ms = 1;   // how far 0 may move

/** How much `within` lets the delivery wait, in milliseconds; undefined: as long as the commit. */
function waits_ms(within) {
  if (within === 'committed') return undefined;
  return within === 'default' ? 5 : Number(within);
}

function limit_of(within, calm) {
  const wait = waits_ms(within);
  if (wait === undefined) return undefined;
  return calm + (wait === 0 ? never_waits_ms : wait + on_top_ms);
}

async function sample(place, chat, commit_ms, run_ms) {
  place.commit_takes(commit_ms);
  await chat.talk(warm_ms, rate);
  const { delivered, acked, refused, lacking } = await chat.talk(run_ms, rate);
  if (refused.length || lacking || chat.strange.length) throw new Error(`commit ${commit_ms} ms: ${refused.length} refused, ${lacking} lack: ${[...refused, ...chat.strange].slice(0, 3)}`);
  return { p50: p50(delivered), p99: p99(delivered), ack: p99(acked) };
}

export async function early(report, { runs, run_ms }) {
  const modes = (process.env.WITHIN || '5,0,committed').split(',');
  const commits = (process.env.COMMITS || '1,20,100').split(',').map(Number);
  for (const within of modes) {
    const place = await Place.open({ env: within === 'default' ? {} : { KITH_APP_DEFAULTS_DELIVER_WITHIN: within } });
    try {
      for (const { kind, conversations, members } of kinds) {
        const chat = await Chat.open(place.port, { name: `p${members}`, conversations, members });
        const samples = new Map(commits.map((ms) => [ms, []]));
        for (let run = 0; run < runs; run += 1) for (const ms of commits) samples.get(ms).push(await sample(place, chat, ms, run_ms));
        let calm;
        for (const [ms, taken] of samples) {
          const name = `${kind}, ${rate}/s, deliver_within ${within}, commit ${ms} ms`;
          report.add(`${name}: delivery p50`, 'ms', taken.map((it) => it.p50));
          const value = report.add(`${name}: delivery p99`, 'ms', taken.map((it) => it.p99), calm === undefined ? undefined : limit_of(within, calm));
          calm ??= value;
          report.add(`${name}: ack p99`, 'ms', taken.map((it) => it.ack));
        }
        chat.close();
      }
    } finally {
      await place.close();
    }
  }
}
