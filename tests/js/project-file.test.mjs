// Files that no teacher has saved are refused by name, whatever their header says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProject } from '../../www/lib/teach/project-file.js';
import { readOrientation } from '../../www/lib/worker/webp-orientation.js';

/** @type {import('../../www/lib/teach/project-file.js').TaughtTo} */
const MODEL = { architecture: 'resnet18', features: 1, sha256: null };

/** A safetensors file with these four bytes. @param {unknown} header */
function file(header) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  return new Blob([length, text, new Uint8Array(4)]);
}

/** The metadata that a teacher writes, with some changes. @param {object} changes */
const about = (changes) => ({
  'reslens.teacher': JSON.stringify({ version: 1, name: 'mine', model: MODEL, examples: [], ...changes }),
});

const TENSOR = { dtype: 'F16', shape: [2], data_offsets: [0, 4] };

/** @type {[what: string, header: unknown][]} */
const HEADERS = [
  ['nothing', null],
  ['a list', []],
  ['a number', 3],
  ['metadata of nothing', { __metadata__: null }],
  ['metadata that are a text', { __metadata__: 'reslens.teacher' }],
  ['metadata that are not strings', { __metadata__: { 'reslens.teacher': {} } }],
  ['an entry of nothing', { features: null }],
  ['an entry of a type that objects inherit', { features: { ...TENSOR, dtype: 'constructor' } }],
  ['sides that are no numbers', { features: { ...TENSOR, shape: [{ valueOf: 1, toString: 1 }] } }],
  ['sides that are texts', { features: { ...TENSOR, shape: ['2'] } }],
  ['sides below zero', { features: { ...TENSOR, shape: [-1, -2] } }],
  ['an end that is a text', { features: { ...TENSOR, data_offsets: [0, '4'] } }],
  ['an end behind the file', { features: { ...TENSOR, shape: [4], data_offsets: [0, 8] } }],
  ['no model', { __metadata__: about({ model: null }), features: TENSOR }],
  ['examples of nothing', { __metadata__: about({ examples: [null] }), features: TENSOR }],
];

for (const [what, header] of HEADERS) {
  test(`a header with ${what} is refused`, async () => {
    await assert.rejects(readProject(file(header), MODEL), { name: 'InputInvalid' });
  });
}

test('a WebP file with more chunks than any picture has is not read to its end', async () => {
  let reads = 0;
  class Counted extends Blob {
    /** @override @param {number} [start] @param {number} [end] */
    slice(start, end) {
      reads += 1;
      return super.slice(start, end);
    }
  }
  const head = [...'RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08'].map((character) => character.charCodeAt(0));
  assert.equal(await readOrientation(new Counted([Uint8Array.from(head), new Uint8Array(80_000)])), 1);
  assert.ok(reads > 100 && reads < 5000, `${reads} reads`);
});
