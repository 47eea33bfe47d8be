// What the server takes, asked of the server itself: every text of its source that could be the name of a command or the path of a
// route is tried. What is in no list of ours is found that way too.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/documents.mjs';
import { http } from '../support/raw.mjs';

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* sources(join(folder, entry.name));
    else if (/\.[ch]pp$/.test(entry.name) && !/_test\.[ch]pp$/.test(entry.name)) yield readFileSync(join(folder, entry.name), 'utf8');
  }
}

/** Texts of the source that look like `pattern`, without their quotes. */
function literals(pattern) {
  const found = new Set();
  for (const text of sources(join(root, 'src'))) for (const [, literal] of text.matchAll(/"([^"\\\n]+)"/g)) if (pattern.test(literal)) found.add(literal);
  return [...found].sort();
}

const reserved = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);   // no client can send these

/** Names of all commands. A number is no argument any command takes: nothing runs. */
export async function commands_of(client) {
  const names = literals(/^[a-z]+(\.[a-z_]+)*$/).filter((name) => !reserved.has(name));
  const known = [];
  for (const name of names) {
    const { ok, error } = await client.ask(name, 7);
    if (ok) throw new Error(`${name} takes a number for its argument`);
    if (error.code !== 'unknown_event') known.push(name);
  }
  return known;
}

/** `METHOD /v1/path` of all routes, `*` for what stands for an id. */
export async function routes_of(port) {
  const paths = new Set(literals(/^\/v1(\/[^\s/]+)+$/));
  const described = await http(port, 'GET', '/v1/openapi.json');
  if (described.status === 200) for (const path of Object.keys(JSON.parse(described.text).paths)) if (path.startsWith('/v1/')) paths.add(path.replace(/\{[^}]*\}/g, '*'));
  const known = [];
  for (const path of [...paths].sort()) {
    const { headers } = await http(port, 'OPTIONS', path.replace(/\*/g, 'x'));
    for (const method of (headers.allow ?? '').split(/, */).filter((name) => name && name !== 'HEAD' && name !== 'OPTIONS')) known.push(`${method} ${path}`);
  }
  return known.sort();
}
