// The types that the worker is checked against are those of the built glue.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const at = (path) => new URL(`../../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), 'utf8');

for (const [copy, files] of /** @type {[string, string[]][]} */ ([
  ['cpu', ['reslens-cpu-simd128', 'reslens-cpu-relaxed']],
  ['cpu-threads', ['reslens-cpu-simd128-threads', 'reslens-cpu-relaxed-threads']],
  ['webgpu', ['reslens-webgpu']],
  ['import', ['reslens-import']],
  ['train', ['reslens-train']],
])) {
  for (const file of files) {
    // Without rust-src, the files with threads are not built.
    const skip = file.endsWith('-threads') && !existsSync(at(`dist/${file}.d.ts`));
    test(`www/lib/worker/wasm/${copy}.d.ts has the types of ${file}`, { skip }, () => {
      const advice = `copy dist/${file}.d.ts there, and let tsc find what no longer fits`;
      assert.equal(read(`www/lib/worker/wasm/${copy}.d.ts`), read(`dist/${file}.d.ts`), advice);
    });
  }
}
