// The JavaScript readers of untrusted input: each target tries one random case and throws if a promise is broken.

import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { readProject, writeProject } from '../../www/lib/teach/project-file.js';
import { readTensors } from '../../www/lib/teach/safetensors.js';
import { checkCallOptions, checkGradientOptions, checkLoadOptions, checkSweepOptions, checkTensor } from '../../www/lib/page/options.js';
import { isFailure } from '../../www/lib/shared/errors.js';
import { sizeFromHeader } from '../../www/lib/worker/image-size.js';
import { readOrientation } from '../../www/lib/worker/webp-orientation.js';
import { changedBytes, changedValue } from './mutations.mjs';
import { anyValue } from './random.mjs';
import { PICTURES } from './seeds.mjs';

/** @import { Random } from './random.mjs' */
/** @import { TaughtTo } from '../../www/lib/teach/project-file.js' */

// Options are checked only where workers exist, and addresses are relative to a page's.
Object.assign(globalThis, { Worker: globalThis.Worker ?? Worker, location: globalThis.location ?? new URL('https://example.org/') });

/** @param {Uint8Array<ArrayBuffer>} bytes */
const blobOf = (bytes) => new Blob([bytes]);

/** Checks that a size is null or two whole numbers. @param {Random} random */
async function imageSize(random) {
  const size = await sizeFromHeader(blobOf(changedBytes(random, random.of(PICTURES))));
  const isCount = (/** @type {number} */ n) => Number.isInteger(n) && n >= 0 && n <= 2 ** 32;
  assert.ok(size === null || (isCount(size.width) && isCount(size.height)), JSON.stringify(size));
}

/** Checks that an orientation is one of eight. @param {Random} random */
async function orientation(random) {
  const found = await readOrientation(blobOf(changedBytes(random, random.of(PICTURES))));
  assert.ok(Number.isInteger(found) && found >= 1 && found <= 8, `${found}`);
}

/** @type {TaughtTo} */
const MODEL = { architecture: 'resnet18', features: 4, sha256: null };

const EXAMPLES = ['cat', 'dog'].map((label, i) => ({
  id: `${i}`, label, take: 't', features: Float32Array.of(1, 2, 3, i), thumbnail: i ? new Blob(['jpeg']) : null,
}));

const PROJECT = new Uint8Array(await writeProject('mine', EXAMPLES, MODEL).arrayBuffer());

/**
 * Returns the file with a changed header and the matching length.
 * @param {(header: any) => unknown} change
 */
function withHeader(change) {
  const length = Number(new DataView(PROJECT.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(PROJECT.subarray(8, 8 + length)));
  const text = new TextEncoder().encode(JSON.stringify(change(header)) ?? 'null');
  const prefix = new DataView(new ArrayBuffer(8));
  prefix.setBigUint64(0, BigInt(text.length), true);
  return new Blob([prefix, text, PROJECT.subarray(8 + length)]);
}

/** @param {Random} random */
function projectFile(random) {
  switch (random.below(3)) {
    case 0: return blobOf(changedBytes(random, PROJECT));
    case 1: return withHeader((header) => changedValue(random, header));
    default: return withHeader((header) => {
      const about = JSON.parse(header.__metadata__['reslens.teacher']);
      header.__metadata__['reslens.teacher'] = JSON.stringify(changedValue(random, about));
      return header;
    });
  }
}

/**
 * Runs `work`; an error must be one of the library's.
 * @template T
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T | null>} null after such an error
 */
async function named(work) {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    assert.ok(['InputInvalid', 'ModelInvalid', 'OutOfMemory', 'AbortError'].includes(error.name), error.name);
    return null;
  }
}

/** Checks that a file that is read has the contents it states. @param {Random} random */
async function project(random) {
  const file = projectFile(random);
  const tensors = await named(() => readTensors(file));
  for (const { shape, data } of tensors?.tensors.values() ?? []) {
    assert.ok(shape.every((side) => Number.isInteger(side) && side >= 0), JSON.stringify(shape));
    assert.ok(data.size % Math.max(1, shape.reduce((product, side) => product * side, 1)) === 0, `${data.size}`);
  }
  const read = await named(() => readProject(file, MODEL));
  if (!read) return;
  assert.equal(typeof read.name, 'string');
  for (const { id, label, take, features, thumbnail } of read.examples) {
    assert.ok([id, label, take].every((text) => typeof text === 'string') && id && label);
    assert.ok(features.length === MODEL.features && features.every(Number.isFinite));
    assert.ok(thumbnail === null || thumbnail.size > 0);
  }
}

const KEYS = [
  'model', 'labels', 'backend', 'threads', 'assets', 'worker', 'onProgress', 'onBackend', 'simulate', 'signal', 'topK', 'taps',
  'reduce', 'stats', 'cam', 'features', 'ablate', 'path', 'index', 'of', 'weights', 'maps', 'shape',
];

/** Checks that any options are accepted or refused by name. @param {Random} random */
async function options(random) {
  const keys = Array.from({ length: random.below(4) }, () => random.of(KEYS));
  const passed = random.unit() < 0.1 ? anyValue(random) : Object.fromEntries(keys.map((key) => [key, anyValue(random)]));
  await named(() => checkLoadOptions(passed));
  await named(() => checkCallOptions(passed));
  await named(() => checkSweepOptions(passed));
  await named(() => checkGradientOptions(passed));
  await named(() => checkTensor(anyValue(random), passed, 224));
}

/** @type {Record<string, (random: Random) => Promise<void>>} */
export const TARGETS = { 'image-size': imageSize, orientation, project, options };
