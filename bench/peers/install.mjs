// The peer's packages, with the versions of its lock file. One of them is compiled where it is not to be had ready made.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const peer_folder = join(dirname(fileURLToPath(import.meta.url)), 'node');

// Node.js's headers stand beside it when it comes as a package: then nothing but packages is fetched.
const prefix = resolve(dirname(process.execPath), '..');
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};

export function install_peer(options = {}) {
  if (existsSync(join(peer_folder, 'node_modules/.package-lock.json'))) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: peer_folder, stdio: 'inherit', env: { ...process.env, ...headers }, ...options });
}
