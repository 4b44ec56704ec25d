// Checks of arguments, as far as JavaScript can make them. The engine checks what depends on the model: names of
// blocks, the range of `topK`, the length of an input.

import { failure, kindOf, messageOf, show } from '../shared/errors.js';
import { GET_MODEL, MAX_THREADS } from '../shared/limits.js';
import { INLINE, locate } from './files.js';

/** @import { Backend, BackendKind, Gradients, Progress, Simulation, SweepProgress } from '../../reslens.js' */
/** @import { ModelSource } from '../shared/protocol.js' */
/** @import { Files } from './files.js' */

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
 * The quantities that can be differentiated.
 * @satisfies {Record<Gradients['of'], true>}
 */
const OBJECTIVES = { logit: true, loss: true };

/**
 * @param {string} what
 * @param {string} expected
 * @param {unknown} found
 */
export const invalid = (what, expected, found) =>
  failure('InputInvalid', `${what}: expected ${expected}, found ${show(found)}`);

/**
 * @param {unknown} options
 * @returns {Record<string, unknown>}
 */
export function checkObject(options) {
  if (kindOf(options) !== 'Object') throw invalid('options', 'an object', options);
  return /** @type {Record<string, unknown>} */ (options);
}

/**
 * Refuses what is left of the options after those that exist, such as a misspelt one.
 * @param {object} others
 */
export function refuseOthers(others) {
  for (const name of Object.keys(others)) throw invalid('options', 'the name of an option', name);
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
 * @template T the argument of the function
 * @param {string} what
 * @param {unknown} found
 */
export function checkCallback(what, found) {
  if (found != null && typeof found !== 'function') throw invalid(what, 'a function', found);
  return /** @type {((told: T) => void) | undefined} */ (found ?? undefined);
}

/**
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 */
export function checkSignal(signal) {
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

/** The base of relative addresses. */
const base = () => globalThis.document?.baseURI ?? globalThis.location?.href;

/**
 * @param {unknown} assets
 * @returns {URL | null}
 */
export function checkAssets(assets) {
  if (assets == null) return null;
  if (INLINE) throw invalid('assets', "none, as 'reslens/inline' brings its files along", assets);
  try {
    const url = new URL(String(assets), base());
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch {
    throw invalid('assets', 'the URL of a folder', assets);
  }
}

/**
 * @param {unknown} worker
 * @returns {(() => Worker) | null}
 */
export function checkWorker(worker) {
  if (worker == null) return null;
  if (typeof worker !== 'function') throw invalid('worker', 'a function that starts a worker', worker);
  return () => {
    const started = worker();
    if (kindOf(started) !== 'Worker') throw invalid('worker', 'a function that returns a Worker', started);
    return started;
  };
}

/**
 * @param {unknown} model
 * @param {Files} files
 * @returns {ModelSource | Uint8Array} bytes are still the caller's: see `copyBytes`
 */
function checkModel(model, files) {
  if (model == null) {
    if (INLINE) throw failure('ModelInvalid', `model: expected one, found none; ${GET_MODEL}`);
    return { url: new URL('models/webcam50.safetensors', files.worker).href, bundled: true };
  }
  switch (kindOf(model)) {
    case 'Blob':
    case 'File':
      return /** @type {Blob} */ (model);
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return new Uint8Array(/** @type {ArrayBufferLike} */ (model));
    case 'URL':
    case 'String':
      try {
        return { url: new URL(String(model), base()).href, bundled: false };
      } catch (error) {
        const message = `model: expected a URL, found ${show(String(model))} (${messageOf(error)})`;
        throw failure('ModelInvalid', message, error);
      }
    default:
      if (!ArrayBuffer.isView(model)) throw invalid('model', 'a URL, an ArrayBuffer, a view of one, or a Blob', model);
      return new Uint8Array(model.buffer, model.byteOffset, model.byteLength);
  }
}

/**
 * Copies a caller's bytes, which may be shared and may change.
 * @param {Uint8Array} bytes
 */
export const copyBytes = (bytes) => copied('model', () => bytes.slice());

/**
 * @template T
 * @param {string} what
 * @param {() => T} make
 * @returns {T} a copy of it
 */
function copied(what, make) {
  try {
    return make();
  } catch (error) {
    throw failure('OutOfMemory', `${what}: no memory for a copy (${messageOf(error)})`, error);
  }
}

/**
 * Returns the classes' names as the bytes of a file, which the engine reads.
 * @param {unknown} labels
 * @returns {Blob | null}
 */
function checkLabels(labels) {
  if (labels == null) return null;
  if (kindOf(labels) === 'Blob' || kindOf(labels) === 'File') return /** @type {Blob} */ (labels);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) {
    throw invalid('labels', 'an array of strings, or a Blob with one label per line or JSON', labels);
  }
  return new Blob([JSON.stringify(labels)]);
}

/**
 * Checks the options of `Classifier.load`.
 * @param {unknown} options
 */
export function checkLoadOptions(options) {
  const { model, labels, backend, threads, assets, worker, onProgress, onBackend, simulate, signal, ...others } =
    checkObject(options);
  refuseOthers(others);
  const checked = {
    backend: checkWord('backend', BACKENDS, backend ?? 'auto'),
    threads: checkThreads(threads ?? 'auto'),
    labels: checkLabels(labels),
    worker: checkWorker(worker),
    onProgress: /** @type {typeof checkCallback<Progress>} */ (checkCallback)('onProgress', onProgress),
    onBackend: /** @type {typeof checkCallback<Backend>} */ (checkCallback)('onBackend', onBackend),
    simulate: simulate == null ? null : checkWord('simulate', SIMULATIONS, simulate),
    signal: checkSignal(signal),
  };
  checkPlatform();
  const files = locate(checkAssets(assets));
  return { ...checked, files, model: checkModel(model, files) };
}

/** Refuses to load outside a browser, as while a server renders the page. */
function checkPlatform() {
  if (typeof Worker === 'undefined') {
    const message = 'reslens needs a browser: there is no Worker here; load it where the page runs';
    throw failure('BackendUnavailable', message);
  }
}

/**
 * Checks the options of a call; returns a copy for the engine, and the signal. `shape`, here and below, is for `checkTensor`.
 * @param {unknown} options
 * @returns {{options: object, signal: AbortSignal | undefined}}
 */
export function checkCallOptions(options) {
  const { topK, taps, reduce, stats, cam, features, ablate, shape, signal, ...others } = checkObject(options);
  refuseOthers(others);
  return {
    options: copy({ topK, taps, reduce, stats, cam, features, ablate }),
    signal: checkSignal(signal),
  };
}

/**
 * Checks the options of `sweep`; returns a copy for the engine, and those that stay on the page.
 * @param {unknown} options
 */
export function checkSweepOptions(options) {
  const { path, index, ablate, shape, signal, onProgress, ...others } = checkObject(options);
  refuseOthers(others);
  return {
    options: copy({ path, index, ablate }),
    signal: checkSignal(signal),
    onProgress: /** @type {typeof checkCallback<SweepProgress>} */ (checkCallback)('onProgress', onProgress),
  };
}

/**
 * Checks the options of `gradients`; returns a copy for the engine, and those that stay on the page.
 * @param {unknown} options
 */
export function checkGradientOptions(options) {
  const { of = 'logit', index, ablate, weights, maps, shape, signal, onProgress, ...others } = checkObject(options);
  refuseOthers(others);
  return {
    options: copy({ of: checkWord('of', OBJECTIVES, of), index, ablate, weights, maps }),
    signal: checkSignal(signal),
    onProgress: /** @type {typeof checkCallback<Progress>} */ (checkCallback)('onProgress', onProgress),
  };
}

/**
 * @template {object} T
 * @param {T} options
 * @returns {T} a copy, which the caller can no longer change
 */
function copy(options) {
  try {
    return structuredClone(options);
  } catch (error) {
    throw failure('InputInvalid', `options: expected plain data, found ${messageOf(error)}`, error);
  }
}

/**
 * Checks the input of `logits`; returns a copy and its shape.
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
  return copied('input', () => ({
    input: new Float32Array(/** @type {Float32Array} */ (input)),
    shape: Uint32Array.from(shape),
  }));
}
