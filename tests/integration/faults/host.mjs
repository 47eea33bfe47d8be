// The machine a server runs on, with what can go wrong with it: killed, frozen, its disk full or slow, the wire to it unruly. What
// ends with code 74 (an I/O error at COMMIT, see docs/operating.md) is started again as an operator's supervisor would.
import { execFile } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../../support/deadline.mjs';
import { Server } from '../../support/server.mjs';
import { UnrulyWire } from '../../support/unruly_wire.mjs';

const run = promisify(execFile);
const shim = resolve(dirname(fileURLToPath(import.meta.url)), '../../../build/tests/slow_fsync.so');
const exit_io_error = 74;
const start_deadline_ms = 60_000;

export class Host {
  /** `disk_mb`: the data lies on a tmpfs of that size; `slow`: with the shim; `wired`: clients come over the wire; `env` of the server. */
  static async open({ disk_mb, slow, wired, env = {} }) {
    const host = new Host();
    Object.assign(host, { folder: mkdtempSync(join(tmpdir(), 'kith-faults-')), hurt: new Set(), killing: false, ended: [], broken: undefined });
    host.data = join(host.folder, 'data');
    host.copy = join(host.folder, 'copy');
    host.delay_file = join(host.folder, 'fsync_delay_ms');
    try {
      if (disk_mb) await host.#mount(disk_mb);
      if (slow && !existsSync(shim)) throw new Error('build/tests/slow_fsync.so is not there: make faults builds it');
      host.server = new Server({ data: host.data, env: { ...env, ...(slow ? { LD_PRELOAD: shim, KITH_TEST_FSYNC_DELAY: host.delay_file } : {}) } });
      await host.#start();
      if (wired) host.wire = await UnrulyWire.to(host.server.port);
    } catch (error) {
      await host.#tidy();
      throw error;
    }
    return host;
  }

  get url() { return (this.wire ?? this.server).url; }

  async #mount(disk_mb) {
    if (process.getuid() !== 0) throw new Error('a full disk needs root, to mount a small tmpfs');
    mkdirSync(this.data);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${disk_mb}m,mode=0700`, 'tmpfs', this.data]);
    this.mounted = true;
  }

  async #start() {
    this.server.log = '';   // of this process only: its key is in it
    await this.server.start();
    const { process: child, exited } = this.server;
    exited.then(({ code, signal }) => {
      if (this.killing || child !== this.server.process) return;
      this.ended.push(code ?? signal);
      if (code === exit_io_error) this.restart().catch(() => {});   // `broken` says it
      else this.broken = new Error(`the server ended by itself with ${code ?? signal}:\n${this.server.log.slice(-3000)}`);
    });
  }

  async kill9() {
    this.killing = true;   // ends a restart that waits for its disk
    await this.restarting;
    if (this.server.alive()) await this.server.kill9();
  }

  /** Until it runs; only on a full or failing disk it may fail to. */
  async restart() {
    this.killing = false;
    this.restarting = until(() => this.#try_start(), 'the server starts again', start_deadline_ms).catch((error) => { this.broken ??= error; });
    await this.restarting;
    if (this.broken) throw this.broken;
  }

  async #try_start() {
    const hurt = this.hurt.size;
    if (this.killing) return true;
    return this.#start().then(() => true, (error) => { if (!hurt) throw error; return false; });
  }

  freeze() { this.server.process.kill('SIGSTOP'); }
  thaw() { this.server.process.kill('SIGCONT'); }

  /** Up to the last byte; what is freed meanwhile (a checkpoint) is the server's again. */
  fill() {
    this.hurt.add('full');
    const file = openSync(join(this.data, 'ballast'), 'w');
    for (let bytes = 1024 * 1024; bytes >= 1;) {
      try { writeSync(file, Buffer.alloc(bytes)); } catch (error) { if (error.code !== 'ENOSPC') throw error; bytes = Math.floor(bytes / 2); }
    }
    closeSync(file);
  }

  free() { rmSync(join(this.data, 'ballast'), { force: true }); this.hurt.delete('full'); }

  /** The data as they are at this instant, kept aside. */
  keep_copy() {
    this.freeze();
    cpSync(this.data, this.copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    this.thaw();
  }

  /** What was written since then is lost, as on a disk that lies about fsync. The server must be dead. */
  put_back_copy() {
    for (const name of ['kith.db-wal', 'kith.db-shm', 'kith.db']) {
      rmSync(join(this.data, name), { force: true });
      if (existsSync(join(this.copy, name))) cpSync(join(this.copy, name), join(this.data, name));
    }
  }

  fsync_takes(delay_ms) { writeFileSync(this.delay_file, String(delay_ms)); }

  /** From now on fsync fails with `error`, a number; 0: no longer. */
  fsync_fails(error) {
    if (error) this.hurt.add('fsync'); else this.hurt.delete('fsync');
    writeFileSync(this.delay_file, `0 ${error}`);
  }

  /** By SIGTERM, with code 0; the data stay. */
  async stop() {
    this.killing = true;
    await this.server.stop({ keep_data: true });
  }

  async close() {
    await this.kill9();
    await this.wire?.close();
    await this.#tidy();
  }

  async #tidy() {
    if (this.mounted) await run('umount', [this.data]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
