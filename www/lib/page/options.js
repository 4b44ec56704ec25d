// Checking what callers pass, where JavaScript must know it. What only the model can tell (names of
// blocks, the range of `topK`, the length of an input) the engine checks.

import { failure, kindOf, messageOf, show } from '../shared/errors.js';
import { MAX_THREADS } from '../shared/limits.js';

/** @import { Backend, BackendKind, Progress, Simulation } from '../../reslens.js' */
/** @import { ModelSource } from '../shared/protocol.js' */

/** @satisfies {Record<'auto' | BackendKind, true>} */
const BACKENDS = { auto: true, webgpu: true, cpu: true };

/**
 * The faults that `worker/fault-injection.js` causes. All are of the GPU, so they change nothing on the CPU.
 * @satisfies {Record<Simulation, true>}
 */
const SIMULATIONS = {
  'no-adapter': true,
  'device-lost': true,
  oom: true,
  'wrong-gpu': true,
  'wrong-later': true,
  'min-limits': true,
  stall: true,
};

/**
 * @param {string} what
 * @param {string} expected
 * @param {unknown} found
 */
const invalid = (what, expected, found) =>
  failure('InputInvalid', `${what}: expected ${expected}, found ${show(found)}`);

/**
 * @param {unknown} options
 * @returns {Record<string, unknown>}
 */
function checkObject(options) {
  if (kindOf(options) !== 'Object') throw invalid('options', 'an object', options);
  return /** @type {Record<string, unknown>} */ (options);
}

/**
 * @template {string} W
 * @param {string} what
 * @param {Record<W, true>} words
 * @param {unknown} found
 * @returns {W}
 */
function checkWord(what, words, found) {
  if (typeof found !== 'string' || !Object.hasOwn(words, found)) {
    throw invalid(what, Object.keys(words).join(', '), found);
  }
  return /** @type {W} */ (found);
}

/**
 * @template T what it is told
 * @param {string} what
 * @param {unknown} found
 */
function checkCallback(what, found) {
  if (found != null && typeof found !== 'function') throw invalid(what, 'a function', found);
  return /** @type {((told: T) => void) | undefined} */ (found ?? undefined);
}

/**
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 */
function checkSignal(signal) {
  if (signal == null) return undefined;
  if (kindOf(signal) !== 'AbortSignal') throw invalid('signal', 'an AbortSignal', signal);
  return /** @type {AbortSignal} */ (signal);
}

/**
 * @param {unknown} threads
 * @returns {number | 'auto'}
 */
function checkThreads(threads) {
  if (threads === 'auto') return threads;
  if (typeof threads !== 'number' || !(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    throw invalid('threads', `'auto' or a whole number from 1 to ${MAX_THREADS}`, threads);
  }
  return threads;
}

/** What relative addresses are relative to. */
const base = () => globalThis.document?.baseURI ?? globalThis.location?.href;

/**
 * The URL of a folder.
 * @param {unknown} assets
 */
function checkAssets(assets) {
  if (assets == null) return new URL('../../', import.meta.url);
  try {
    const url = new URL(String(assets), base());
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch {
    throw invalid('assets', 'the URL of a folder', assets);
  }
}

/**
 * @param {unknown} model
 * @param {URL} assets
 * @returns {ModelSource}
 */
function checkModel(model, assets) {
  if (model == null) {
    return { url: new URL('models/webcam50.safetensors', assets).href, bundled: true };
  }
  switch (kindOf(model)) {
    case 'Blob':
    case 'File':
      return /** @type {Blob} */ (model);
    case 'ArrayBuffer':
      return new Blob([/** @type {ArrayBuffer} */ (model)]); // a copy
    case 'URL':
    case 'String':
      try {
        return { url: new URL(String(model), base()).href, bundled: false };
      } catch (error) {
        const message = `model: expected a URL, found ${show(String(model))} (${messageOf(error)})`;
        throw failure('ModelInvalid', message, error);
      }
    default:
      throw invalid('model', 'a URL, an ArrayBuffer or a Blob', model);
  }
}

/**
 * The options of `Classifier.load`.
 * @param {unknown} options
 */
export function checkLoadOptions(options) {
  const { model, backend, threads, assets, onProgress, onBackend, simulate, signal } =
    checkObject(options);
  const folder = checkAssets(assets);
  return {
    backend: checkWord('backend', BACKENDS, backend ?? 'auto'),
    threads: checkThreads(threads ?? 'auto'),
    assets: folder,
    model: checkModel(model, folder),
    onProgress: /** @type {typeof checkCallback<Progress>} */ (checkCallback)('onProgress', onProgress),
    onBackend: /** @type {typeof checkCallback<Backend>} */ (checkCallback)('onBackend', onBackend),
    simulate: simulate == null ? null : checkWord('simulate', SIMULATIONS, simulate),
    signal: checkSignal(signal),
  };
}

/**
 * The options of a call: what the engine needs, copied, and the signal.
 * @param {unknown} options
 * @returns {{options: object, signal: AbortSignal | undefined}}
 */
export function checkCallOptions(options) {
  const { topK, taps, reduce, ablate, signal } = checkObject(options);
  try {
    return {
      options: structuredClone({ topK, taps, reduce, ablate }),
      signal: checkSignal(signal),
    };
  } catch (error) {
    throw failure('InputInvalid', `options: expected plain data, found ${messageOf(error)}`, error);
  }
}

/**
 * The input of `logits`, copied, and its shape.
 * @param {unknown} input
 * @param {unknown} options
 * @param {number} inputSize the default height and width
 */
export function checkTensor(input, options, inputSize) {
  const { shape = [1, 3, inputSize, inputSize] } = checkObject(options);
  if (kindOf(input) !== 'Float32Array') throw invalid('input', 'a Float32Array', input);
  const isCount = (/** @type {unknown} */ n) => Number.isInteger(n) && Number(n) >= 0 && Number(n) < 2 ** 32;
  if (!(Array.isArray(shape) && shape.length === 4 && shape.every(isCount))) {
    const found = Array.isArray(shape) ? `[${shape.map(show).join(', ')}]` : shape;
    throw invalid('shape', 'four whole numbers [N, 3, H, W]', found);
  }
  try {
    return {
      input: new Float32Array(/** @type {Float32Array} */ (input)),
      shape: Uint32Array.from(shape),
    };
  } catch (error) {
    throw failure('OutOfMemory', `input: no memory for a copy (${messageOf(error)})`, error);
  }
}
