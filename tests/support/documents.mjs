// What the documents name.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Commands that docs/protocol.md names in `## Client to server`, or events of `## Server to client`. */
export function documented(section) {
  const text = readFileSync(join(root, 'docs/protocol.md'), 'utf8').split(`\n## ${section}\n`)[1].split('\n## ')[0];
  const names = [];
  for (const line of text.split('\n').filter((row) => row.startsWith('| `'))) {
    let noun = '';
    for (const [, name] of line.split('|')[1].matchAll(/`([a-z.]+)`/g)) {
      if (!name.startsWith('.')) noun = name.split('.')[0];
      names.push(name.startsWith('.') ? noun + name : name);
    }
  }
  return names.sort();
}

/** Routes that docs/rest.md names, `*` for what stands for an id. */
export function documented_routes() {
  const text = readFileSync(join(root, 'docs/rest.md'), 'utf8');
  return [...new Set([...text.matchAll(/^\| `([A-Z]+ \/v1\/[^`?]*)`/gm)].map(([, route]) => route.replace(/\{[^}]*\}/g, '*')))].sort();
}
