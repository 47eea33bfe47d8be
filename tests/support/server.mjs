// A server process of its own: started on a free port with fresh data, stopped by pid, killed, started again on the same port.
import { spawn, execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { within } from './deadline.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const kith_bin = resolve(root, process.env.KITH_TEST_BIN || 'build/release/kith');
export const echo_bin = [process.env.KITH_TEST_ECHO_BIN, 'build/asan/tests/echo/kith_echo', 'build/asan/kith_echo', 'build/release/kith_echo']
  .filter(Boolean).map((path) => resolve(root, path)).find(existsSync);

const log_bytes_max = 256 * 1024;
const sanitizer = /(ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer|assertion failed|KITH_ASSERT)/i;

export class Server {
  /** `bin` default kith, `args` after `serve --dev`, `env` on top of ours, `data` a folder that outlives the process. */
  constructor({ bin = kith_bin, args = [], env = {}, data, serve = ['serve', '--dev'] } = {}) {
    this.bin = bin;
    this.serve = serve;
    this.args = args;
    this.env = env;
    this.owns_data = !data;
    this.data = data || mkdtempSync(join(tmpdir(), 'kith-test-'));
    this.port = 0;
    this.scheme = 'http';
    this.log = '';
  }

  static async start(options) {
    const server = new Server(options);
    await server.start();
    return server;
  }

  get url() { return `${this.scheme}://127.0.0.1:${this.port}`; }
  get pid() { return this.process?.pid; }

  async start() {
    const args = [...this.serve, '--listen', `127.0.0.1:${this.port}`, ...(this.serve.length ? ['--data', this.data] : []), ...this.args];
    // The operators' port is any free one: another server may run beside this. Messages are shown when they are stored, or what a
    // test hears would depend on how fast the disk is.
    const ours = { KITH_SERVER_ADMIN_LISTEN: '127.0.0.1:0', KITH_APP_DEFAULTS_DELIVER_WITHIN: 'committed' };
    const child = spawn(this.bin, args, { env: { ...ours, ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    this.exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
    const keep = (text) => { this.log = (this.log + text).slice(-log_bytes_max); };
    child.stderr.on('data', keep);
    const ready = new Promise((done, fail) => {
      child.once('error', fail);
      this.exited.then(({ code, signal }) => fail(new Error(`server ended before it was ready (${code ?? signal}):\n${this.log}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        keep(`${line}\n`);
        const said = /listening on (https?):\/\/[^ ]*:(\d+)/.exec(line);
        if (said) { this.scheme = said[1]; this.port = Number(said[2]); done(); }
      });
    });
    await within(ready, () => `the line "listening on"; so far:\n${this.log}`, 20_000);
  }

  /** SIGTERM; the server must end by itself with code 0 and no sanitizer report. Removes data that it made itself. */
  async stop({ keep_data = false } = {}) {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    const { code, signal } = await within(this.exited, () => `end after SIGTERM:\n${this.log}`, 15_000).catch((error) => {
      this.process.kill('SIGKILL');
      throw error;
    });
    if (!keep_data) this.remove_data();
    if (code !== 0) throw new Error(`server ended with ${code ?? signal}:\n${this.log}`);
    this.check_log();
  }

  check_log() {
    if (sanitizer.test(this.log)) throw new Error(`the server's log reports an error:\n${this.log}`);
  }

  /** No chance to tidy up: what a power cut leaves, as far as a process can show it. */
  async kill9() {
    this.process.kill('SIGKILL');
    await within(this.exited, 'end after SIGKILL');
  }

  /** On the same port, with the same data. */
  async restart() { await this.start(); }

  remove_data() { if (this.owns_data) rmSync(this.data, { recursive: true, force: true }); }

  alive() { return this.process.exitCode === null && this.process.signalCode === null; }

  /** Resident memory in bytes. */
  resident_bytes() {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(line[1]) * 1024;
  }

  /** Another subcommand on the same data, its output trimmed. */
  async run(...args) {
    const { stdout } = await promisify(execFile)(this.bin, [...args, '--data', this.data], { env: { ...process.env, ...this.env } });
    return stdout.trim();
  }

  /** A signed token for `user` of `app`, valid `ttl_s`. */
  async token(user, { app = 'default', ttl_s = 3600 } = {}) {
    const said = await this.run('token', app, user, '--ttl', String(ttl_s));
    return said.split(/\s+/).find((word) => word.split('.').length === 3);
  }
}
