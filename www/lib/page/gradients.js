// The page's end of the gradients: a worker of their own, started by the first call, and again after a crash.

import { failure } from '../shared/errors.js';
import { closePicture, transferablesOf, unknownMessage } from '../shared/protocol.js';
import { Queue } from '../shared/queue.js';
import { VERSION } from '../shared/version.js';

/** @import { Logits, Progress } from '../../reslens.js' */
/**
 * @import { Differentiated, FromGradients, GradientCall, GradientSource, Image,
 *   ToGradients } from '../shared/gradients.js'
 */
/** @import { WasmSources } from '../shared/protocol.js' */

/** The most that logits of the two engines may differ, relative to the largest one. */
const TOLERANCE = 1e-3;

/**
 * What a call needs of the classifier.
 * @typedef {object} Engine
 * @property {() => Worker} startWorker
 * @property {WasmSources} wasm
 * @property {() => Blob} model its file
 * @property {(image: Image, options: object, signal: AbortSignal | undefined) => Promise<Logits>} logits what the
 *   classifier computes of the same input without the same paths
 */

/**
 * A call as the worker takes it, and what the page does meanwhile.
 * @typedef {{source: GradientSource, options: {ablate?: unknown}}} Prepared
 */

export class GradientEngine {
  #engine;

  /** Calls that begin one after the other. @type {Queue<Prepared>} */
  #queue = new Queue({ capacity: () => 1, discard: ({ source }) => closeSource(source), failsEarly: true });

  /** The worker, unless none has been asked for or the last one crashed. @type {GradientWorker | null} */
  #worker = null;

  /** @param {Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Computes gradients.
   * @param {() => Promise<Prepared>} prepare is called at once
   * @param {AbortSignal | undefined} signal rejects at once; what is being computed is finished and dropped
   * @param {((progress: Progress) => void) | undefined} onProgress hears of the loading
   * @returns {Promise<Differentiated>}
   */
  run(prepare, signal, onProgress) {
    return this.#queue.run(prepare, (prepared) => this.#answer(prepared, signal, onProgress), signal);
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
   * @param {Prepared} prepared
   * @param {AbortSignal | undefined} signal
   * @param {((progress: Progress) => void) | undefined} onProgress
   */
  async #answer({ source, options }, signal, onProgress) {
    let worker;
    try {
      worker = await this.#ready(onProgress);
    } catch (error) {
      closeSource(source);
      throw error;
    }
    /** @type {Promise<Image>} */
    const image = new Promise((resolve) => ('picture' in source ? (worker.onInput = resolve) : resolve(source)));
    const expected = image.then((image) => this.#engine.logits(image, { ablate: options.ablate }, signal));
    expected.catch(() => {}); // it is awaited below, unless the call fails before
    const answer = await worker.call({ type: 'call', source, options });
    compare(answer.logits, (await expected).logits);
    return answer;
  }

  /**
   * The worker, loaded.
   * @param {((progress: Progress) => void) | undefined} onProgress
   */
  async #ready(onProgress) {
    if (!this.#worker?.usable) {
      const { startWorker, wasm, model } = this.#engine;
      this.#worker = new GradientWorker(startWorker());
      await this.#worker.load({ type: 'gradients', version: VERSION, wasm, model: model() }, onProgress);
    }
    return this.#worker;
  }
}

/** One worker. It has one request at a time. */
class GradientWorker {
  #worker;

  #pending = { resolve: (/** @type {any} */ _) => {}, reject: (/** @type {unknown} */ _) => {} };

  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Is told what the picture of a call has become. */
  onInput = (/** @type {Image} */ _) => {};

  /** Whether it can take a call: neither crashed nor stopped. */
  usable = true;

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault(); // handled: it rejects
      this.stop(failure('BackendUnavailable', event.message || 'the worker of the gradients cannot be loaded'));
    };
    worker.onmessageerror = () =>
      this.stop(failure('OutOfMemory', 'the gradients could not be received'));
  }

  /**
   * @param {ToGradients} start
   * @param {((progress: Progress) => void) | undefined} onProgress
   */
  async load(start, onProgress) {
    this.#onProgress = onProgress;
    try {
      await this.#request(start, []);
    } catch (error) {
      this.stop(error);
      throw error;
    }
  }

  /**
   * @param {GradientCall} call
   * @returns {Promise<Differentiated>}
   */
  call(call) {
    return this.#request(call, 'picture' in call.source ? transferablesOf(call.source.picture) : []);
  }

  /** @param {unknown} error */
  stop(error) {
    this.usable = false;
    this.#worker.terminate();
    this.#pending.reject(error);
  }

  /**
   * @param {ToGradients} message
   * @param {Transferable[]} transfer
   * @returns {Promise<any>}
   */
  #request(message, transfer) {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage(message, transfer);
    });
  }

  /** @param {FromGradients} message */
  #receive(message) {
    switch (message.type) {
      case 'progress':
        return this.#onProgress?.(message.progress);
      case 'input':
        return this.onInput(message.image);
      case 'ready':
        return this.#pending.resolve(undefined);
      case 'answered':
        return this.#pending.resolve(message.answer);
      case 'failed': {
        const error = failure(message.error.name, message.error.message);
        return message.fatal ? this.stop(error) : this.#pending.reject(error);
      }
      default:
        return unknownMessage(message);
    }
  }
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

/** @param {GradientSource} source of a call that is not made */
function closeSource(source) {
  if ('picture' in source) closePicture(source.picture);
}
