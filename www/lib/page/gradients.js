// The page's end of the gradients: a separate worker, started by the first call, and again after a crash.

import { failure } from '../shared/errors.js';
import { closePicture } from '../shared/protocol.js';
import { Queue } from '../shared/queue.js';
import { VERSION } from '../shared/version.js';
import { WorkerClient } from './worker-client.js';

/** @import { Logits, Progress } from '../../reslens.js' */
/** @import { Differentiated, GradientCall, Image } from '../shared/gradients.js' */
/** @import { WasmSources } from '../shared/protocol.js' */

/** The largest allowed difference between the logits of the two engines, relative to the largest one. */
const TOLERANCE = 1e-3;

/**
 * The parts of the classifier that a call needs.
 * @typedef {object} Engine
 * @property {() => WorkerClient} newWorker
 * @property {WasmSources} wasm
 * @property {() => Promise<Blob>} model its file
 * @property {(image: Image, options: object, signal: AbortSignal | undefined) => Promise<Logits>} logits what the
 *   classifier computes of the same input without the same paths
 */

export class GradientEngine {
  #engine;

  /** The calls, which begin one after another. @type {Queue<GradientCall>} */
  #queue = new Queue({ capacity: () => 1, discard: closeSource, failsEarly: true });

  /** The worker, once a call has needed it. @type {WorkerClient | undefined} */
  #worker;

  /** @param {Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Computes gradients.
   * @param {() => Promise<GradientCall>} prepare called at once
   * @param {AbortSignal | undefined} signal rejects at once; a running computation is finished, its result dropped
   * @param {((progress: Progress) => void) | undefined} onProgress called while the worker loads
   * @returns {Promise<Differentiated>}
   */
  run(prepare, signal, onProgress) {
    return this.#queue.run(prepare, (call) => this.#answer(call, signal, onProgress), signal);
  }

  /**
   * Ends the worker; open calls are rejected at once.
   * @param {unknown} error
   */
  stop(error) {
    this.#queue.clear(error);
    this.#worker?.stop(error);
  }

  /**
   * @param {GradientCall} call
   * @param {AbortSignal | undefined} signal
   * @param {((progress: Progress) => void) | undefined} onProgress
   */
  async #answer(call, signal, onProgress) {
    const worker = await this.#ready(onProgress).catch((error) => {
      closeSource(call);
      this.#worker?.stop(error);
      throw error;
    });
    /** @type {Promise<Image>} */
    const image = new Promise((resolve) => (worker.onInput = resolve));
    const { ablate } = /** @type {{ablate?: unknown}} */ (call.options);
    const expected = image.then((image) => this.#engine.logits(image, { ablate }, signal));
    expected.catch(() => {}); // it is awaited below, unless the call fails before
    const { answer } = await worker.differentiate(call);
    compare(answer.logits, (await expected).logits);
    return answer;
  }

  /**
   * Returns the loaded worker.
   * @param {((progress: Progress) => void) | undefined} onProgress
   */
  async #ready(onProgress) {
    if (this.#worker?.usable) return this.#worker;
    const { newWorker, wasm, model } = this.#engine;
    const worker = (this.#worker = newWorker());
    await worker.load({ type: 'gradients', version: VERSION, wasm, model: await model() }, onProgress);
    return worker;
  }
}

/** Frees the input of a call that is not made. @param {GradientCall} call */
function closeSource(call) {
  if ('picture' in call) closePicture(call.picture);
}

/**
 * Refuses gradients whose forward pass differs from the engine's.
 * @param {Float32Array} found
 * @param {Float32Array} expected
 */
export function compare(found, expected) {
  const largest = expected.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  const off = expected.reduce((most, logit, index) => Math.max(most, Math.abs(logit - found[index])), 0);
  // A comparison with NaN is false.
  if (found.length === expected.length && off <= TOLERANCE * largest) return;
  throw failure(
    'ParityFailed',
    `the gradients' forward pass differs from the engine's: logits, off by ${(off / largest).toExponential(1)} of the ` +
      `largest, where at most ${TOLERANCE} is allowed`,
  );
}
