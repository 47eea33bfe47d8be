// A disk that a test can hold: nothing is committed until it lets go (tests/support/slow_fsync.c).
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './deadline.mjs';

const shim = fileURLToPath(new URL('../../build/tests/slow_fsync.so', import.meta.url));

export class Disk {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'kith-disk-'));
    this.path = join(this.folder, 'fsync');
    this.#say('0');
  }

  /** For the server's environment. A binary with ASan minds whatever is loaded before its own. */
  get env() { return { LD_PRELOAD: shim, KITH_TEST_FSYNC_DELAY: this.path, ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':') }; }

  slow(ms) { this.#say(String(ms)); }
  hold() { rmSync(`${this.path}.held`, { force: true }); this.#say('-1'); }
  /** Somebody waits for it: nothing is committed from here on. */
  held() { return until(() => existsSync(`${this.path}.held`), 'somebody waits for the disk'); }
  let_go() { this.#say('0'); }
  remove() { rmSync(this.folder, { recursive: true }); }

  // In one step: the server must not read half a number.
  #say(number) { writeFileSync(`${this.path}.new`, number); renameSync(`${this.path}.new`, this.path); }
}
