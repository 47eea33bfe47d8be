// Kith's fan-out against what epoll and sockets alone cost: the bare relay of bench/relay, with as many frames in a write as Kith had.
import { execFileSync } from 'node:child_process';
import { start_kith, start_relay } from './servers.mjs';
import { at_most_times } from './statistics.mjs';

const output_bytes_max = 64 * 1024 * 1024;
const times = 1.5;

/** Data segments that a server's sockets have sent, as `ss -ti` tells; a write of a frame or a few is one segment on the loopback. */
export function segments_of(text) {
  let segments = 0;
  for (const match of text.matchAll(/\bdata_segs_out:(\d+)/g)) segments += Number(match[1]);
  return segments;
}

const segments_at = (port) => segments_of(execFileSync('ss', ['-tinH', `sport = :${port}`], { encoding: 'utf8', maxBuffer: output_bytes_max }));

/** While the load runs: segments a second in its middle. */
async function writes_beside(contender, running, seconds) {
  const { port } = contender.server;
  const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
  await Promise.race([pause(Math.min(1_500, seconds * 1_000) + seconds * 300), running]);
  const [first, began] = [segments_at(port), performance.now()];
  await Promise.race([pause(seconds * 400), running]);
  return { segments_per_s: (segments_at(port) - first) / (performance.now() - began) * 1_000 };
}

export const frames_per_write = (run) => run.delivered_per_s / run.segments_per_s;

const with_writes = (start, args) => (bench) => bench.measure(start, args, { beside: (contender, running) => writes_beside(contender, running, bench.seconds) });

function work(groups, size) {
  const args = ['group', '--groups', groups, '--size', size, '--window', 8];
  return {
    name: `relay${size}`, title: `Groups of ${size.toLocaleString('en-US')} against a bare epoll relay`,
    how: '`bench/relay` reads a frame and writes it to the others: no store, no JSON, no order, no proof; it gathers as many frames for a write as Kith had. The left column is the relay.',
    cases: {
      kith: with_writes(() => start_kith(), args),
      relay: (bench, results) => with_writes(() => start_relay({ frames: Math.max(1, Math.round(frames_per_write(results.kith.at(-1)))) }), args)(bench),
    },
    lines: [
      { what: 'server CPU, µs a delivery', peer: 'relay', kith: 'kith', of: (run) => run.server_cpu.us_per_delivery, must: at_most_times(times) },
      { what: 'frames in a write', peer: 'relay', kith: 'kith', of: frames_per_write },
      { what: 'deliveries a second', peer: 'relay', kith: 'kith', of: (run) => run.delivered_per_s },
    ],
  };
}

export const relay_works = [work(10, 100), work(2, 1_000)];
