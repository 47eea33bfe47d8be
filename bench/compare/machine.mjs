// The machine a figure comes from, and what else it was doing meanwhile.
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { spread } from './statistics.mjs';

const page_bytes = 8_192;
const syncs = 100;
const look_ms = 250;
export const ticks_per_s = 100;   // of /proc; USER_HZ is 100 on every Linux there is

const said = (command, args, options) => {
  try { return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...options }).trim(); } catch { return ''; }
};

/** How long the disk under `folder` takes to make a page durable, in ms. */
export function disk_sync_ms(folder) {
  const path = join(folder, 'sync-probe');
  const page = Buffer.alloc(page_bytes, 1);
  const file = openSync(path, 'w');
  const times = [];
  for (let i = 0; i < syncs; i += 1) {
    const began = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  rmSync(path);
  return spread(times);
}

export function machine(folder) {
  const name = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  return {
    cpu: cpus()[0].model.trim(), cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release(), system: name,
    node: process.version, sync_ms: disk_sync_ms(folder),
  };
}

/** The commit that is measured; `-dirty` where files differ from it. */
export function commit(root) {
  const at = said('git', ['-C', root, 'rev-parse', '--short=10', 'HEAD']) || 'unknown';
  return said('git', ['-C', root, 'status', '--porcelain', '-uno']) ? `${at}-dirty` : at;
}

/** Ticks of CPU time used by everything, from /proc/stat's first line. */
export function busy_ticks(text) {
  const [user, nice, system, , , irq, softirq, steal] = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq + steal;
}

/** Ticks that a process has used by itself, from its /proc/PID/stat. */
export function own_ticks(text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const read = (path) => { try { return readFileSync(path, 'latin1'); } catch { return undefined; } };

/** What others use of a CPU while `pids` and this process work. */
export class Watch {
  #pids;
  #first;
  #last;
  #timer;

  constructor(pids) {
    this.#pids = [...pids, process.pid];
    this.#first = this.#look();
    this.#last = this.#first;
    this.#timer = setInterval(() => this.#look_again(), look_ms);
  }

  #look() {
    const own = this.#pids.map((pid) => read(`/proc/${pid}/stat`)).map((text) => (text ? own_ticks(text) : undefined));
    return { at: performance.now(), busy: busy_ticks(read('/proc/stat')), own };
  }

  // A process that has ended has taken its ticks along: the last look at all of them counts.
  #look_again() {
    const look = this.#look();
    if (!look.own.includes(undefined)) this.#last = look;
  }

  /** Percent of one CPU. */
  stop() {
    clearInterval(this.#timer);
    const seconds = (this.#last.at - this.#first.at) / 1_000;
    if (seconds <= 0) return 0;
    const own = this.#last.own.reduce((sum, ticks, i) => sum + ticks - this.#first.own[i], 0);
    return Math.max(0, (this.#last.busy - this.#first.busy - own) / ticks_per_s / seconds * 100);
  }
}
