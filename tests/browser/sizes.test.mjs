// What the README says of the files' sizes is what was built.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url));

/** Of each claim, its number in MB after gzip, and the file that it is about. */
const CLAIMS = /** @type {[RegExp, string][]} */ ([
  [/([\d.]+) MB of wasm after gzip/, 'reslens-cpu-relaxed'],
  [/WebGPU engine \(([\d.]+) MB/, 'reslens-webgpu'],
  [/gradients and the lab \(([\d.]+) MB/, 'reslens-train'],
  [/reader for PyTorch checkpoints \(([\d.]+) MB/, 'reslens-import'],
]);

/** How far a number may be off, in parts of it: it is rounded, and small changes do not make it false. */
const TOLERANCE = 0.05;

test('the README tells the sizes of the wasm files', () => {
  const readme = read('README.md').toString().replaceAll(/\s+/g, ' ');
  for (const [claim, file] of CLAIMS) {
    const said = Number(claim.exec(readme)?.[1]);
    const found = gzipSync(read(`dist/${file}.wasm`), { level: 9 }).length / 1e6;
    assert.ok(Math.abs(said - found) <= TOLERANCE * found, `README says ${said} MB of ${file}.wasm, which has ${found.toFixed(3)}`);
  }
});
