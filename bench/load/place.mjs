// The server that is measured: on one core, its data in memory, so that a commit takes just as long as the shim says.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, kith_bin } from '../../tests/support/server.mjs';

const shim = resolve(dirname(fileURLToPath(import.meta.url)), '../../build/tests/slow_fsync.so');
const in_memory = '/dev/shm';

export class Place {
  /** `env` of the server; `commit_ms`: how long an fsync takes, changed by `commit_takes`. */
  static async open({ env = {}, commit_ms = 1 } = {}) {
    const place = new Place();
    place.folder = mkdtempSync(join(process.env.DATA || (existsSync(in_memory) ? in_memory : tmpdir()), 'kith-load-'));
    place.delay_file = join(place.folder, 'fsync_delay_ms');
    place.commit_takes(commit_ms);
    if (!existsSync(shim)) throw new Error('build/tests/slow_fsync.so is not there: make bench-delivery builds it');
    const core = process.env.SERVER_CORE ?? '0';
    place.server = await Server.start({
      bin: 'taskset', serve: ['-c', core, kith_bin, 'serve', '--dev'], data: join(place.folder, 'data'),
      env: { LD_PRELOAD: shim, KITH_TEST_FSYNC_DELAY: place.delay_file, KITH_SERVER_REACTORS: process.env.REACTORS || '1', ...env },
    });
    return place;
  }

  get port() { return this.server.port; }
  commit_takes(ms) { writeFileSync(this.delay_file, String(ms)); }
  resident_mb() { return this.server.resident_bytes() / 1e6; }

  /** Seconds of processor time the server has used. */
  cpu_s() {
    const fields = readFileSync(`/proc/${this.server.pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async metric(name) {
    const text = await (await fetch(`${this.server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? NaN);
  }

  async close() {
    this.commit_takes(0);
    try { await this.server.stop({ keep_data: true }); } finally { rmSync(this.folder, { recursive: true, force: true }); }
  }
}
