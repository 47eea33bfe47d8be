// Who is measured: Kith's release binary or the peer, alone on one core, with fresh data; and a Redis of our own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, within } from '../../tests/support/deadline.mjs';
import { Server, kith_bin } from '../../tests/support/server.mjs';
import { peer_folder } from '../peers/install.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const redis_ready_ms = 10_000;
export const token_key = 'the key of a benchmark';
export const server_cpu = process.env.SERVER_CPU ?? '0';
export const load_cpu = process.env.LOAD_CPU ?? '1';
export const data_root = process.env.DATA ?? tmpdir();

const fresh_folder = () => mkdtempSync(join(data_root, 'kith-bench-'));

/** A server with what the load generator needs to know of it: `flags`, and with `token` those for signed tokens too. */
class Contender {
  constructor(server, folder) { Object.assign(this, { server, folder, flags: [] }); }

  get pid() { return this.server.pid; }
  get address() { return `127.0.0.1:${this.server.port}`; }

  async stop() {
    try { await this.server.stop({ keep_data: true }); } finally { rmSync(this.folder, { recursive: true, force: true }); }
  }
}

/** `env`: settings beside the defaults. The server's own default of deliver_within counts, not the one of the tests. */
export async function start_kith({ env = {}, token = false, cpu = server_cpu, reactors = 1 } = {}) {
  const folder = fresh_folder();
  const server = await Server.start({
    bin: 'taskset', serve: ['-c', cpu, kith_bin, 'serve', '--dev'], data: join(folder, 'data'),
    env: { KITH_SERVER_REACTORS: String(reactors), KITH_APP_DEFAULTS_DELIVER_WITHIN: '5', ...env },
  });
  const contender = new Contender(server, folder);
  const server_key = /server key for this run: (sk_\S+)/.exec(server.log)?.[1];
  contender.flags = ['--server-key', server_key, ...(token ? key_flags(join(folder, 'data')) : ['--dev'])];
  return contender;
}

function key_flags(data) {
  const { kid, secret } = JSON.parse(execFileSync(kith_bin, ['app', 'key', 'add', 'default', '--kind', 'signing', '--json', '--data', data], { encoding: 'utf8' }));
  return ['--key', secret, '--kid', kid, '--app', 'default'];
}

/** `args` as the peer's `--help` says. */
export async function start_peer({ args = [], token = false } = {}) {
  const folder = fresh_folder();
  const server = await Server.start({
    bin: 'taskset', serve: ['-c', server_cpu, process.execPath, join(peer_folder, 'server.mjs')], data: folder,
    args: [...args, ...(token ? ['--key', token_key] : [])], env: { NODE_ENV: 'production' },
  });
  const contender = new Contender(server, folder);
  contender.flags = ['--server-key', 'none', ...(token ? ['--key', token_key] : ['--dev'])];
  return contender;
}

/** The bare relay of bench/relay: what sockets and epoll alone cost. */
export async function start_relay({ frames }) {
  const folder = fresh_folder();
  const server = await Server.start({ bin: 'taskset', serve: ['-c', server_cpu, join(root, 'build/release/epoll_relay')], data: folder, args: ['--frames', String(frames)] });
  const contender = new Contender(server, folder);
  contender.flags = ['--server-key', 'none', '--dev'];
  return contender;
}

const free_port = () => new Promise((done) => {
  const socket = createServer().listen(0, '127.0.0.1', () => { const { port } = socket.address(); socket.close(() => done(port)); });
});

/** Redis on a port of its own, nothing kept, on the load's core as it is a machine of its own elsewhere. */
export class Redis {
  static present() { return spawnSync('redis-server', ['--version']).status === 0; }

  static async start() {
    const redis = new Redis();
    redis.folder = fresh_folder();
    redis.port = await free_port();
    redis.process = spawn('taskset', ['-c', load_cpu, 'redis-server', '--port', String(redis.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', redis.folder], { stdio: 'ignore' });
    redis.exited = new Promise((done) => redis.process.once('exit', done));
    await until(() => redis.#ask('ping') === 'PONG', 'Redis answers', redis_ready_ms);
    return redis;
  }

  get url() { return `redis://127.0.0.1:${this.port}`; }
  get pid() { return this.process.pid; }
  empty() { this.#ask('flushall'); }
  #ask(command) { return spawnSync('redis-cli', ['-p', String(this.port), command], { encoding: 'utf8' }).stdout?.trim(); }

  async stop() {
    this.process.kill('SIGTERM');
    await within(this.exited, 'Redis ends');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
