// What README.md and docs/rest.md tell people to type and to write: it is done as it stands there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import vm from 'node:vm';
import io4 from 'socket.io-client-v4';
import { Crowd } from '../support/clients.mjs';
import { until } from '../support/deadline.mjs';
import { root } from '../support/documents.mjs';
import { Server } from '../support/server.mjs';
import { abridged, blocks_of, commands_of, shell } from './blocks.mjs';
import { compare } from './chat.mjs';

const folder = () => mkdtempSync(join(tmpdir(), 'kith-docs-'));

describe('docs/rest.md', () => {
  let server;
  let cwd;
  let key;
  before(async () => {
    server = await Server.start({ serve: ['serve'] });
    cwd = folder();
    await server.run('app', 'create', 'shop');
    await server.run('app', 'key', 'add', 'shop', '--kind', 'signing');
    key = JSON.parse(await server.run('app', 'key', 'add', 'shop', '--kind', 'server', '--json')).secret;
  });
  after(async () => { rmSync(cwd, { recursive: true }); await server.stop(); });

  it('asks and is answered as it says', async () => {
    const commands = blocks_of('docs/rest.md').filter(({ kind }) => kind === 'sh').flatMap(({ text }) => commands_of(text)).filter(({ command }) => command.startsWith('curl '));
    assert.ok(commands.length >= 9);
    const ids = new Map();
    const bobs = new Crowd(server.url);   // who is connected when his sessions are ended
    for (let n = 0; n < 2; n += 1) await bobs.join({ token: await server.token('bob', { app: 'shop' }) });
    for (const { command, answer } of commands) {
      const said = await shell(command, { cwd, env: { URL: server.url, KEY: key } });
      try { if (answer) compare(abridged(answer), JSON.parse(said), ids); else assert.ok(!JSON.parse(said).code); } catch (error) { throw Object.assign(error, { message: `${command}\n${said}\n${error.message}` }); }
    }
    bobs.close();
  });
});

describe('README.md', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  let server;
  let cwd;
  before(async () => { server = await Server.start(); cwd = folder(); });
  after(async () => { rmSync(cwd, { recursive: true }); await server.stop(); });

  it('names two commands that the Makefile has', () => {
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
    const made = [...readme.matchAll(/^ {4}make ([a-z-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(made, ['run', 'test']);
    for (const name of made) assert.match(makefile, new RegExp(`^${name}:`, 'm'));
  });

  it('makes an application, keys and a token by the commands it gives', async () => {
    const commands = [...readme.matchAll(/^ {4}(kith [^#\n]*)/gm)].map(([, command]) => command.trim());
    assert.equal(commands.length, 5);
    writeFileSync(join(cwd, 'kith.toml'), '');
    for (const command of commands) {
      if (!command.startsWith('kith serve')) await shell(command, { cwd });
      else assert.match(await shell('kith check-config kith.toml', { cwd }), /ok$/);
    }
  });

  it('talks: the page to the bot', async () => {
    const [page] = blocks_of('README.md').filter(({ kind }) => kind === 'html');
    const [bot] = blocks_of('README.md').filter(({ kind }) => kind === 'js');
    mkdirSync(join(cwd, 'node_modules'));
    symlinkSync(join(root, 'tests/node_modules/socket.io-client-v4'), join(cwd, 'node_modules/socket.io-client'));
    writeFileSync(join(cwd, 'bot.mjs'), bot.text.replace('http://127.0.0.1:8080', server.url));
    const child = spawn(process.execPath, ['bot.mjs'], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    const heard = [];
    const sockets = [];
    const io = (options) => { sockets.push(io4(server.url, { ...options, transports: ['websocket'] })); return sockets[0]; };
    try {
      vm.runInNewContext(/<script>\n([\s\S]*)<\/script>/.exec(page.text)[1], { io, crypto: globalThis.crypto ?? (await import('node:crypto')).webcrypto, console: { log: (...words) => heard.push(words.join(' ')) } });
      await until(() => heard.some((line) => line === 'bob says you said hi at 2'), () => `the bot answers; heard: ${heard.join(' | ')}`);
    } finally {
      sockets.forEach((socket) => socket.close());
      child.kill();
    }
    assert.equal(heard[0], 'connected as ann');
    assert.match(heard[1], /^stored as 1 of c_/);
  });
});
