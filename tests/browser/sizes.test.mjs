// The file sizes in the README match the built files.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url));

/** For each claim, its number in MB after gzip, and the file that it is about. */
const CLAIMS = /** @type {[RegExp, string][]} */ ([
  [/([\d.]+) MB of wasm after gzip/, 'reslens-cpu-relaxed'],
  [/WebGPU engine \(([\d.]+) MB/, 'reslens-webgpu'],
  [/gradients and the lab \(([\d.]+) MB/, 'reslens-train'],
  [/reader for PyTorch checkpoints \(([\d.]+) MB/, 'reslens-import'],
]);

/** The allowed relative error: the README's numbers are rounded, and small changes do not make them false. */
const TOLERANCE = 0.05;

test('the README gives the sizes of the wasm files', () => {
  const readme = read('README.md').toString().replaceAll(/\s+/g, ' ');
  for (const [claim, file] of CLAIMS) {
    const said = Number(claim.exec(readme)?.[1]);
    const found = gzipSync(read(`dist/${file}.wasm`), { level: 9 }).length / 1e6;
    assert.ok(Math.abs(said - found) <= TOLERANCE * found, `README says ${said} MB of ${file}.wasm, which has ${found.toFixed(3)}`);
  }
});
