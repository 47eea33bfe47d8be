// Fenced blocks of a page, and shell commands with what they are said to answer.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/documents.mjs';
import { kith_bin } from '../support/server.mjs';

/** [{kind, note, text}] of a page, in order: ```kind note. */
export function blocks_of(name) {
  const page = readFileSync(join(root, name), 'utf8');
  return [...page.matchAll(/^```(\w+)(?: ([^\n]*))?\n([\s\S]*?)^```$/gm)].map(([, kind, note, text]) => ({ kind, note: note ?? '', text }));
}

/** [{command, answer}] of a shell block: a command may go on after `\`; comment lines after it are its answer. */
export function commands_of(text) {
  const commands = [];
  for (const line of text.replace(/\\\n\s*/g, '').split('\n').filter(Boolean)) {
    if (!line.startsWith('#')) commands.push({ command: line.replace(/\s+# .*$/, ''), answer: '' });
    else if (commands.length) commands.at(-1).answer += line.slice(1).trim();
  }
  return commands;
}

/** JSON with `...` where something was left out: `…` stands there then. */
export function abridged(text) {
  return JSON.parse(text.replaceAll(',...}', ',"…":0}').replaceAll(',...]', ',"…"]').replace(/\.\.\."/g, '…"'));
}

/** For a shell in `cwd`, where `kith` is the binary under test and curl says nothing of its progress. */
export function environment(cwd) {
  const bin = join(cwd, '.bin');
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, 'kith'))) symlinkSync(kith_bin, join(bin, 'kith'));
  writeFileSync(join(cwd, '.curlrc'), 'silent\nshow-error\n');
  return { ...process.env, PATH: `${bin}:${process.env.PATH}`, CURL_HOME: cwd, KITH_SERVER_ADMIN_LISTEN: '127.0.0.1:0' };
}

/** What shell text says on its standard output; it has to succeed. */
export async function shell(text, { cwd, env = {} }) {
  const { stdout } = await promisify(execFile)('bash', ['-euc', text], { cwd, env: { ...environment(cwd), ...env } });
  return stdout.trim();
}
