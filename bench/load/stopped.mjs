// What 1,000 readers cost who stop reading while they are written to: memory of the server, and time of others.
// Each is written to by one person of his own, so nothing that waits for them is shared; the same flows before, while they still read.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../../tests/support/deadline.mjs';
import { Chat } from './chat.mjs';
import { p99 } from './figures.mjs';
import { Place } from './place.mjs';
import { Peer, all } from './wire.mjs';

const readers = 1_000;
const writers = 20;
const text_bytes = 16_000;
const flood_rate = 800;        // messages a second, to all readers in turn
const pairs = 100;
const rate = 300;
const warm_ms = 2_000;
const fill_ms_max = 60_000;    // what the kernel takes before the server's own queues grow is its own matter: it is told too
const start_deadline_ms = 60_000;
const page_bytes = 4_096;
const growth_mb_max = 300;
const moved_max = 1.2;
const patience_ms = '3600000';   // stuck readers shall stay for as long as it takes

/** What the kernel holds for TCP on this machine. */
const kernel_mb = () => Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'latin1'))[1]) * page_bytes / 1e6;

class Readers {
  constructor(port) {
    const file = fileURLToPath(new URL('./stopped_readers.py', import.meta.url));
    this.child = spawn('python3', ['-B', file, String(port), String(readers), 'reader_'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = [];
    createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(line));
  }

  said(line) { return until(() => this.lines.includes(line), () => `the readers say ${line}; so far ${this.lines.slice(-3)}`, start_deadline_ms); }
  stop() { this.child.stdin.write('stop\n'); return this.said('stopped'); }
  close() { this.child.kill('SIGKILL'); }
}

/** Writes to each reader in turn, `flood_rate` messages a second, until ended. */
class Flood {
  static async open(port) {
    const flood = new Flood();
    Object.assign(flood, { peers: [], cids: [], sent: 0, refused: [], text: '.'.repeat(text_bytes) });
    await all(writers, writers, async (i) => { flood.peers[i] = new Peer(port, { user: `writer_${i}`, device: 'd' }); await flood.peers[i].connect(); });
    await all(readers, writers, async (i) => { flood.cids[i] = (await flood.#peer(i).call('message.send', { to: `reader_${i}`, text: 'first', client_id: 'first' })).cid; });
    return flood;
  }

  #peer(i) { return this.peers[i % writers]; }

  begin() {
    const began = performance.now();
    const before = this.sent;
    this.timer = setInterval(() => {
      for (const due = before + (performance.now() - began) * flood_rate / 1_000; this.sent < due; this.sent += 1) {
        const i = this.sent % readers;
        this.#peer(i).emit('message.send', { cid: this.cids[i], client_id: `f${this.sent}`, text: this.text },
          (answer) => { if (!answer.startsWith('{"ok":true')) this.refused.push(answer); });
      }
    }, 2);
  }

  end() { clearInterval(this.timer); }
  close() { this.end(); for (const peer of this.peers) peer.cut(); }
}

async function sample(place, chat, flood, run_ms) {
  const { delivered, refused, lacking } = await chat.talk(run_ms, rate);
  const bad = [...refused, ...chat.strange, ...flood.refused];
  if (bad.length || lacking) throw new Error(`${bad.length} refused, ${lacking} lack: ${bad.slice(0, 3)}`);
  return { p99: p99(delivered), resident: place.resident_mb(), kernel: kernel_mb() };
}

async function samples(place, chat, flood, { runs, run_ms }) {
  const taken = [];
  for (let run = 0; run < runs; run += 1) taken.push(await sample(place, chat, flood, run_ms));
  return taken;
}

export async function stopped(report, options) {
  const place = await Place.open({ env: { KITH_SOCKETIO_PING_INTERVAL_MS: patience_ms, KITH_SOCKETIO_PING_TIMEOUT_MS: patience_ms, KITH_LIMITS_SLOW_READER_TIMEOUT_MS: patience_ms } });
  const crowd = new Readers(place.port);
  try {
    await crowd.said('ready');
    const flood = await Flood.open(place.port);
    const chat = await Chat.open(place.port, { name: 'p', conversations: pairs, members: 2 });
    flood.begin();
    await chat.talk(warm_ms, rate);
    const reading = await samples(place, chat, flood, options);
    const behind = await place.metric('kith_fell_behind_total');
    await crowd.stop();
    const stuck_now = async () => Math.min(readers, await place.metric('kith_fell_behind_total') - behind);
    const end = performance.now() + fill_ms_max;
    while (await stuck_now() < readers && performance.now() < end) await chat.talk(warm_ms / 2, rate);
    const stuck = await samples(place, chat, flood, options);
    const [behind_now, sessions] = [await stuck_now(), await place.metric('kith_sessions')];
    flood.close();
    const name = `${readers} readers, ${flood_rate}/s of ${text_bytes} bytes to them`;
    const before = report.add(`${name}: resident memory while they read`, 'MB', reading.map((it) => it.resident));
    report.add(`${name}: … when all have stopped`, 'MB', stuck.map((it) => it.resident), before + growth_mb_max);
    report.add('… of all TCP sockets in the kernel, while they read', 'MB', reading.map((it) => it.kernel));
    report.add('… when all have stopped', 'MB', stuck.map((it) => it.kernel));
    report.add('… readers that are behind; the rest the kernel holds', '', [behind_now]);
    report.add('… sessions', '', [sessions]);
    const calm = report.add(`${pairs * 2} others, ${rate}/s: delivery p99 while they read`, 'ms', reading.map((it) => it.p99));
    report.add(`${pairs * 2} others, ${rate}/s: delivery p99 while they do not`, 'ms', stuck.map((it) => it.p99), calm * moved_max);
    chat.close();
  } finally {
    crowd.close();
    await place.close();
  }
}
