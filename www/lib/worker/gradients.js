// The worker that computes gradients, with Burn's autodiff in a separate wasm file. One call at a time.

import { isFailure, record } from '../shared/errors.js';
import { closePicture } from '../shared/protocol.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { checkVersion } from './check-version.js';
import { holdLock } from './lifeline.js';
import { decode, readPixels } from './pixels.js';
import { WasmFiles } from './wasm-file.js';

/** @import { Differentiated, GradientCall, GradientsStart, Image } from '../shared/gradients.js' */
/** @import { FromWorker, Picture } from '../shared/protocol.js' */
/** @import { Words } from '../thread/panic.js' */
/** @import { Glues } from './wasm-file.js' */

/** @typedef {typeof import('./wasm/train.js')} Glue the JavaScript that belongs to the wasm file */
/** @typedef {import('./wasm/train.js').Autograd} Autograd the engine in wasm: `src/wasm/train.rs` */

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
const tell = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * Ends a request with an error. After an unexpected one the worker is unusable.
 * @param {unknown} error
 * @param {Words} [words] the messages for such an error
 */
function fail(error, words) {
  const deliberate = isFailure(error);
  const outcome = { kind: /** @type {const} */ ('failed'), error: record(deliberate ? error : crash(error, words)), fatal: !deliberate };
  tell({ type: 'settled', outcome });
}

/**
 * Makes this worker a gradient worker.
 * @param {GradientsStart} start
 * @param {Glues} glues
 */
export async function differentiate(start, glues) {
  listenForPanics();
  try {
    checkVersion(start.version);
    const autograd = await load(start, glues);
    self.onmessage = (/** @type {MessageEvent<{call: GradientCall}>} */ { data: { call } }) => answer(autograd, call);
    tell({ type: 'started', lock: await holdLock() });
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
  /** @type {Glue} */
  const glue = await new WasmFiles(wasm, glues).start('reslens-train', report);
  return glue.Autograd.load(new Uint8Array(await model.arrayBuffer()));
}

/**
 * @param {Autograd} autograd
 * @param {GradientCall} call
 */
async function answer(autograd, call) {
  const start = performance.now();
  try {
    const image = 'picture' in call ? await readImage(autograd, call.picture) : { input: call.input, shape: call.shape };
    tell({ type: 'input', image });
    const prepared = performance.now();
    const answer = /** @type {Differentiated} */ (autograd.gradients(image.input, image.shape, call.options));
    const { forward, backward } = answer.timings;
    answer.timings = { preprocess: prepared - start, forward, backward, total: performance.now() - start };
    const outcome = { kind: /** @type {const} */ ('answered'), answer, memory: { wasm: 0, gpu: 0 } };
    tell({ type: 'settled', outcome }, [answer.logits.buffer, ...answer.maps.map(({ data }) => data.buffer)]);
  } catch (error) {
    fail(error);
  }
}

/**
 * Turns a picture into the network's input.
 * @param {Autograd} autograd
 * @param {Picture} picture
 * @returns {Promise<Image>}
 */
async function readImage(autograd, picture) {
  try {
    const { rgba, width, height } = readPixels(await decode(picture));
    const bytes = new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength);
    const { input, shape } = /** @type {any} */ (autograd.preprocess(bytes, width, height));
    return { input, shape: Uint32Array.from(shape) };
  } finally {
    closePicture(picture);
  }
}
