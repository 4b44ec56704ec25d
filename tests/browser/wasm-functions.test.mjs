// No function in the CPU's files is so large that a browser takes a second to optimise it: `SMALL_FUNCTIONS` in
// `xtask/src/bindgen.rs` explains what waits meanwhile.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Bytes of code. The function that does all of a load had 82 kB; the largest that remain have 30 to 33 kB. */
const LARGEST = 40_000;

/** The id of the section with the functions' bodies: <https://webassembly.github.io/spec/core/binary/modules.html>. */
const CODE = 10;

/** Returns the sizes of all functions of a wasm file, in bytes. @param {Buffer} wasm */
function functionSizes(wasm) {
  let at = 8; // after magic number and version
  /** Reads an unsigned LEB128 number. */
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const section = wasm[at++];
    const size = number();
    if (section === CODE) break;
    at += size;
  }
  return Array.from({ length: number() }, () => {
    const size = number();
    at += size;
    return size;
  });
}

for (const file of ['simd128', 'relaxed', 'simd128-threads', 'relaxed-threads'].map((kind) => `reslens-cpu-${kind}`)) {
  const path = new URL(`../../dist/${file}.wasm`, import.meta.url);
  // Without rust-src, the files with threads are not built.
  const skip = file.endsWith('-threads') && !existsSync(path);
  test(`${file} has only small functions`, { skip }, () => {
    const sizes = functionSizes(readFileSync(path));
    assert.ok(sizes.length > 100, `${sizes.length} functions`);
    const largest = Math.max(...sizes);
    assert.ok(largest <= LARGEST, `expected at most ${LARGEST} bytes, found a function of ${largest}`);
  });
}
