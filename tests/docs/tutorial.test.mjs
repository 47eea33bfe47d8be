// docs/tutorial.md is done block by block in an empty folder; then two people talk in two windows of a browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { until } from '../support/deadline.mjs';
import { blocks_of, environment, shell } from './blocks.mjs';

const blocks = blocks_of('docs/tutorial.md');
let cwd;
let ports;
let browser;
const running = [];

/**
 * A port nobody has: the page names fixed ones, which another server may have here. Below those the kernel gives to
 * connections: one of another test would have it when the server comes.
 */
async function free_port(first) {
  for (;;) {
    const port = first + Math.floor(Math.random() * 5_000);
    const free = await new Promise((done) => {
      const taken = net.createServer().once('error', () => done(false));
      taken.listen(port, '127.0.0.1', () => taken.close(() => done(true)));
    });
    if (free) return port;
  }
}

before(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'kith-tutorial-'));
  ports = { 8080: await free_port(20_000), 3000: await free_port(25_000) };
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
  for (const child of running.reverse()) { child.kill(); await child.gone; }
  rmSync(cwd, { recursive: true, force: true });
});

const here = (text) => text.replaceAll('127.0.0.1:8080', `127.0.0.1:${ports[8080]}`).replaceAll('127.0.0.1:3000', `127.0.0.1:${ports[3000]}`).replaceAll('listen(3000', `listen(${ports[3000]}`);

/** A command that goes on: until it says that it is ready. */
async function begin(command) {
  const child = spawn('bash', ['-c', `exec ${command.trim()}`], { cwd, env: { ...environment(cwd), KITH_SERVER_LISTEN: `127.0.0.1:${ports[8080]}` }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  child.gone = new Promise((done) => child.once('exit', done));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said += bytes; });
  await until(() => /listening on|open http/.test(said), () => `${command.trim()} is ready; it says:\n${said}`);
}

async function do_block({ kind, note, text }) {
  if (note.startsWith('file=')) return writeFileSync(join(cwd, note.slice('file='.length)), here(text));
  if (note === 'background') return begin(here(text));
  assert.deepEqual([kind, note], ['sh', ''], 'a block that nothing is done with');
  return shell(here(text), { cwd });
}

it('every block of the tutorial works, and two people talk', async () => {
  const [build, ...rest] = blocks;
  assert.deepEqual(build, { kind: 'sh', note: 'build', text: 'make build\n' }, 'what clean-machine does, and the tests did before');
  const backend = rest.findIndex(({ text }) => text.startsWith('node backend.mjs'));
  for (const block of rest.slice(0, backend + 1)) await do_block(block);
  const url = (me, other) => `http://127.0.0.1:${ports[3000]}/?me=${me}&other=${other}`;
  const ann = await browser.window(url('ann', 'bob'));
  const bob = await browser.window(url('bob', 'ann'));
  const write = async (window, text) => { await window.page.getByRole('textbox', { name: 'Message', exact: true }).fill(text); await window.page.getByRole('button', { name: 'Send' }).click(); };
  const shows = (window, ...lines) => window.page.waitForFunction((wanted) => [...document.querySelectorAll('li')].map((line) => line.textContent).join('|') === wanted, lines.join('|'));
  await write(ann, 'Hello Bob');
  await shows(ann, 'ann: Hello Bob');
  await shows(bob, 'ann: Hello Bob');
  await write(bob, 'Hello Ann');
  await shows(ann, 'ann: Hello Bob', 'bob: Hello Ann');
  await ann.close();
  await write(bob, 'Still there?');
  const again = await browser.window(url('ann', 'bob'));
  await shows(again, 'ann: Hello Bob', 'bob: Hello Ann', 'bob: Still there?');
  for (const block of rest.slice(backend + 1)) await do_block(block);
  await shows(bob, 'ann: Hello Bob', 'bob: Hello Ann', 'bob: Still there?', 'ann: Your order is on its way.');
  const problems = [...again.problems, ...bob.problems].filter((text) => !/favicon/.test(text));
  assert.deepEqual(problems, []);
});
