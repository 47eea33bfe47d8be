// docs/extending.md shows the very files that tests/extending builds and runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (path) => readFileSync(resolve(root, path), 'utf8');

describe('the page on extending', () => {
  for (const file of ['pace.hpp', 'pace.cpp', 'pace_test.cpp']) {
    it(`shows ${file} as it is built`, () => {
      const shown = new RegExp(`\`\`\`cpp\\n// ${file.replace('.', '\\.')}\\n([\\s\\S]*?)\`\`\`\\n`).exec(read('docs/extending.md'));
      assert.ok(shown, `docs/extending.md has a block that begins with // ${file}`);
      assert.equal(shown[1], read(`tests/extending/${file}`));
    });
  }
});
