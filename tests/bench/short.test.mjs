// The whole of `make bench` once, in small: whether reports come out, and with nothing lost. What things cost is not asked here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = resolve(dirname(fileURLToPath(import.meta.url)), '../../bench/compare/main.mjs');
const run_ms_max = 240_000;

function run(works, env) {
  const out = mkdtempSync(join(tmpdir(), 'kith-report-'));
  const child = spawn(process.execPath, [main, ...works], {
    env: { ...process.env, RUNS: '1', SECONDS: '1', SHORT: '1', NOISE_MAX: '10000', OUT: out, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: run_ms_max,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said += chunk; });
  return new Promise((done) => child.once('close', (code) => done({ code, said, out })));
}

describe('make bench', { timeout: run_ms_max }, () => {
  const folders = [];
  after(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }); });

  it('measures Kith and the peer in turn and writes a report of runs that lost nothing', async () => {
    const { code, said, out } = await run(['pairs', 'group100', 'relay100', 'kill', 'idle', 'growth'], { GROWTH_SHORT: '1' });
    folders.push(out);
    assert.equal(code, 0, said);
    const files = readdirSync(out);
    const report = readFileSync(join(out, files.find((file) => file.endsWith('.md'))), 'utf8');
    for (const title of ['One to one, saturated', 'Groups of 100, saturated', 'Groups of 100 against a bare epoll relay', 'kill -9 at saturation', 'Idle connections', 'Growth with connections']) assert.ok(report.includes(`## ${title}`), title);
    const verified = [...report.matchAll(/(\d+) runs, ([\d,]+) deliveries verified: lost (\d+), doubled (\d+), reordered (\d+)/g)];
    assert.equal(verified.length, 5);
    for (const [, , , ...faults] of verified) assert.deepEqual(faults, ['0', '0', '0']);
    assert.match(report, /acknowledged messages missing \(immediate\) \| [\d,]+ \| 0 \|.*\| met \|/);
    assert.ok(files.some((file) => file.endsWith('-growth.svg')));
    assert.ok(!report.includes('**not measured**'), report);
  });

  it('refuses a work that it does not know', async () => {
    const { code, said, out } = await run(['pears']);
    folders.push(out);
    assert.notEqual(code, 0);
    assert.match(said, /no such work: pears/);
  });
});
