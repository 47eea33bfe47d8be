// Runs suites, each file in a process of its own: node run.mjs [web|conformance|integration|features|isolation|docs|browser|bench|FILE …]. Last line: the sum.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const suites = ['web', 'conformance', 'integration', 'features', 'isolation', 'docs', 'browser', 'bench'];
const file_deadline_ms = 10 * 60_000;

function files_of(name) {
  const path = suites.includes(name) ? join(here, name) : resolve(name);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).filter((file) => file.endsWith('.test.mjs')).sort().map((file) => join(path, file));
}

function run(file) {
  const reporter = pathToFileURL(join(here, 'support/reporter.mjs')).href;
  const child = spawn(process.execPath, [`--test-reporter=${reporter}`, '--test-reporter-destination=stdout', file], { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), file_deadline_ms);
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; process.stdout.write(chunk); });
  return new Promise((done) => child.once('exit', (code, signal) => {
    clearTimeout(timer);
    const sum = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(output);
    const counted = sum ? sum.slice(1).map((n) => Number(n || 0)) : [0, 0, 0];
    // A file that dies without its sum, or ends badly with nothing failed, is a failure of its own.
    if (!sum || (code !== 0 && counted[1] === 0)) { counted[1] += 1; console.log(`FAIL  ${relative(here, file)} ended with ${code ?? signal}`); }
    done(counted);
  }));
}

const names = process.argv.slice(2);
const total = [0, 0, 0];
for (const file of (names.length ? names : suites).flatMap(files_of)) {
  console.log(`# ${relative(here, file)}`);
  (await run(file)).forEach((n, i) => { total[i] += n; });
}
console.log(`${total[0]} passed, ${total[1]} failed${total[2] ? `, ${total[2]} skipped` : ''}`);
process.exitCode = total[1] || !total[0] ? 1 : 0;
