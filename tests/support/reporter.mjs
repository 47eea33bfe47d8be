// One line per test and, last, `N passed, N failed`. Suites and whole files are not counted as tests.
import { fileURLToPath } from 'node:url';

const shown_file = process.argv[1] || fileURLToPath(import.meta.url);

export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') {
      if (type === 'test:stderr') yield data.message;
      continue;
    }
    const indent = '  '.repeat(data.nesting);
    if (data.name === shown_file && (type === 'test:pass' || data.details?.error?.failureType === 'subtestsFailed')) continue;
    const suite = data.details?.type === 'suite';
    if (data.skip !== undefined && data.skip !== false) { if (!suite) skipped += 1; yield `${indent}skip  ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`; continue; }
    if (type === 'test:pass') {
      if (!suite) passed += 1;
      yield suite ? `${indent}${data.name}\n` : `${indent}ok    ${data.name} (${Math.round(data.details?.duration_ms ?? 0)} ms)\n`;
    } else {
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      const of_children = error?.failureType === 'subtestsFailed';
      if (!of_children) failed += 1;
      yield `${indent}FAIL  ${data.name}\n`;
      if (!of_children) yield `${String(cause?.stack ?? cause).replace(/^/gm, `${indent}      `)}\n`;
    }
  }
  yield `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`;
  // Node 20 was seen to spin for ever while it tears down what is closed already (Environment::CleanupHandles). This leaves that out; who
  // keeps something open still keeps the process.
  process.once('exit', (code) => process.exit(code));
}
