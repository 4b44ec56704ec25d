// How the page recognises the kind of a dropped file.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { kindOfFile, TELLING } from '../../www/app/text/file-kind.js';
import { Teacher } from '../../www/teach.js';

const fixture = async (/** @type {string} */ path) => {
  const bytes = await readFile(new URL(`../../${path}`, import.meta.url));
  return new Uint8Array(bytes.subarray(0, TELLING));
};
const text = (/** @type {string} */ text) => new TextEncoder().encode(text);

test('the bytes decide, whatever the name says', async () => {
  const field = (/** @type {string} */ name) => fixture(`tests/fixtures/field/${name}`);
  for (const name of [
    'noextension', 'metadata_null.safetensors', 'defaultdict.pth', 'full_model_legacy.pth', 'lfs_pointer.pth',
  ]) {
    assert.equal(kindOfFile(await field(name)), 'model', name);
  }
  assert.equal(kindOfFile(await fixture('models/webcam50.safetensors'), 'cat.jpg'), 'model');
  for (const name of ['bom.txt', 'blank_end.txt', 'class_index.json', 'id_to_name.json', 'config.json']) {
    assert.equal(kindOfFile(await field(name)), 'labels', name);
  }
  assert.equal(kindOfFile(Uint8Array.from([0xff, 0xfe, 0x63, 0])), 'labels', 'UTF-16');
  for (const name of ['www/samples/cat.jpg', 'www/favicon.svg', 'tests/fixtures/field/screen0.gif', 'www/index.html']) {
    assert.equal(kindOfFile(await fixture(name)), 'picture', name);
  }
});

test('where the bytes do not decide, the name decides which error is shown', () => {
  const other = text('neither a picture nor a model');
  assert.equal(kindOfFile(other, 'bad.safetensors'), 'model');
  assert.equal(kindOfFile(Uint8Array.from([1, 2, 3]), 'BAD.PTH'), 'model');
  assert.equal(kindOfFile(other, 'bad.png'), 'picture');
  assert.equal(kindOfFile(new Uint8Array(), 'empty.txt'), 'picture');
});

test('a project that a visitor has taught is distinguished from a model', async () => {
  const classifier = /** @type {any} */ ({ model: { architecture: 'resnet18', features: 512, sha256: null } });
  const saved = new Teacher(classifier).save();
  assert.equal(kindOfFile(new Uint8Array(await saved.slice(0, TELLING).arrayBuffer()), 'saved.safetensors'), 'classes');
});
