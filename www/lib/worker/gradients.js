// The worker that computes gradients: Burn's autodiff in a wasm file of its own. One call at a time.

import { isFailure, record } from '../shared/errors.js';
import { closePicture } from '../shared/protocol.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { checkVersion } from './check-version.js';
import { decode, readPixels } from './pixels.js';
import { WasmFiles } from './wasm-file.js';

/**
 * @import { Differentiated, FromGradients, GradientCall, GradientsStart, GradientSource,
 *   Image } from '../shared/gradients.js'
 */
/** @import { Picture } from '../shared/protocol.js' */
/** @import { Words } from '../thread/panic.js' */
/** @import { Glues, WasmFile } from './wasm-file.js' */

/** @typedef {typeof import('./wasm/train.js')} Glue the JavaScript that belongs to the wasm file */
/** @typedef {import('./wasm/train.js').Autograd} Autograd the engine in wasm: `src/wasm/train.rs` */

/**
 * @param {FromGradients} message
 * @param {Transferable[]} [transfer]
 */
const tell = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * Ends a request with an error. After one that the engine did not give on purpose the worker is of no use.
 * @param {unknown} error
 * @param {Words} [words] of such an error
 */
function fail(error, words) {
  const deliberate = isFailure(error);
  tell({ type: 'failed', error: record(deliberate ? error : crash(error, words)), fatal: !deliberate });
}

/**
 * Makes this worker one that computes gradients.
 * @param {GradientsStart} start
 * @param {Glues} glues
 */
export async function differentiate(start, glues) {
  listenForPanics();
  try {
    checkVersion(start.version);
    const autograd = await load(start, glues);
    self.onmessage = (/** @type {MessageEvent<GradientCall>} */ { data: call }) => answer(autograd, call);
    tell({ type: 'ready' });
  } catch (error) {
    fail(error, LOAD);
  }
}

/**
 * @param {GradientsStart} start
 * @param {Glues} glues
 * @returns {Promise<Autograd>}
 */
async function load({ wasm, model }, glues) {
  const report = (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
    tell({ type: 'progress', progress: { phase: 'runtime', loaded, total, fromCache: false } });
  /** @type {WasmFile<Glue>} */
  const { createGlue, module } = await new WasmFiles(wasm, glues).load('reslens-train', report);
  const glue = createGlue();
  await glue.default({ module_or_path: module });
  return glue.Autograd.load(new Uint8Array(await model.arrayBuffer()));
}

/**
 * @param {Autograd} autograd
 * @param {GradientCall} call
 */
async function answer(autograd, { source, options }) {
  const start = performance.now();
  try {
    const { input, shape } = await prepare(autograd, source);
    const prepared = performance.now();
    const answer = /** @type {Differentiated} */ (autograd.gradients(input, shape, options));
    const { forward, backward } = answer.timings;
    answer.timings = { preprocess: prepared - start, forward, backward, total: performance.now() - start };
    tell({ type: 'answered', answer }, [answer.logits.buffer, ...answer.maps.map(({ data }) => data.buffer)]);
  } catch (error) {
    fail(error);
  }
}

/**
 * Makes the network's input of a picture, and tells the page, where the classifier's engine runs on the same.
 * @param {Autograd} autograd
 * @param {GradientSource} source
 * @returns {Promise<Image>}
 */
async function prepare(autograd, source) {
  if (!('picture' in source)) return source;
  const { rgba, width, height } = await pixelsOf(source.picture);
  const bytes = new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  const { input, shape } = /** @type {any} */ (autograd.preprocess(bytes, width, height));
  const image = { input, shape: Uint32Array.from(shape) };
  tell({ type: 'input', image });
  return image;
}

/** @param {Picture} picture */
async function pixelsOf(picture) {
  try {
    return readPixels(await decode(picture));
  } finally {
    closePicture(picture);
  }
}
