// One call in the worker: reads its picture and computes its answer.

import { isFailure } from '../shared/errors.js';
import { closePicture, unknownMessage } from '../shared/protocol.js';
import { decode, readPixels } from './pixels.js';
import { BlockSweep } from './sweep.js';

/** @import { Answers, Call, Picture } from '../shared/protocol.js' */
/** @import { Computation, Engines } from './engines.js' */
/** @import { WasmEngine } from './gpu.js' */
/** @import { Decoded, Pixels } from './pixels.js' */
/** @import { CpuEngine } from './runtime.js' */
/** @import { EngineSweep } from './sweep.js' */

/**
 * Computes the answer for a picture, from its pixels or, on a GPU, from its bitmap.
 * @template T
 * @typedef {object} PictureMethods
 * @property {(engine: CpuEngine | WasmEngine, rgba: Uint8Array, width: number, height: number) => T | Promise<T>} pixels
 * @property {(engine: WasmEngine, bitmap: ImageBitmap) => Promise<T>} bitmap
 */

export class Job {
  #call;
  #engines;

  /** The call's picture as far as it has been read. @type {Picture | null} */
  #picture;

  #start = performance.now();

  /** When the picture had been read, in ms after the start. */
  #read = 0;

  /** @param {Call} call @param {Engines} engines */
  constructor(call, engines) {
    this.#call = call;
    this.#engines = engines;
    this.#picture = 'picture' in call ? call.picture : null;
  }

  /** Reads the call's picture, unless the engine in use can do so itself. */
  async prepare() {
    if (!this.#picture) return;
    try {
      const decoded = await decode(this.#picture);
      const stays = decoded.kind === 'bitmap' && this.#engines.takesBitmap(decoded.bitmap);
      this.#picture = stays ? decoded : { kind: 'rgba', ...readPixels(decoded) };
    } finally {
      this.#read = performance.now() - this.#start;
    }
  }

  /**
   * Computes the answer.
   * @param {Promise<unknown>} before resolves when the earlier calls have ended
   * @returns {Promise<Answers[keyof Answers]>}
   */
  async compute(before) {
    try {
      return await this.#answer(before);
    } finally {
      if (this.#picture) closePicture(this.#picture);
    }
  }

  /**
   * @param {Promise<unknown>} before
   * @returns {Promise<Answers[keyof Answers]>}
   */
  #answer(before) {
    const call = this.#call;
    switch (call.method) {
      case 'classify':
        return this.#engines.run(
          this.#ofPicture({
            pixels: (engine, rgba, width, height) => engine.classify(rgba, width, height, call.options),
            bitmap: (engine, bitmap) => engine.classifyBitmap(bitmap, call.options),
          }),
          before,
        );
      case 'embed':
        return this.#engines.run(
          this.#ofPicture({
            pixels: (engine, rgba, width, height) => engine.embed(rgba, width, height),
            bitmap: (engine, bitmap) => engine.embedBitmap(bitmap),
          }),
          before,
        );
      case 'logits':
        return this.#engines.run(
          onBoth((engine) => engine.logits(call.input, call.shape, call.options)),
          before,
        );
      case 'sweep': {
        /** @type {PictureMethods<EngineSweep>} */
        const methods = {
          pixels: (engine, rgba, width, height) => engine.sweep(rgba, width, height, call.options),
          bitmap: (engine, bitmap) => engine.sweepBitmap(bitmap, call.options),
        };
        const begin = this.#ofPicture(methods);
        return new BlockSweep(begin, call.port).run(this.#engines, before);
      }
      case 'sweepImage': {
        /** @type {Parameters<typeof onBoth<EngineSweep>>[0]} */
        const begin = (engine) => engine.sweepImage(call.input, call.shape, call.options);
        return new BlockSweep(onBoth(begin), call.port).run(this.#engines, before);
      }
      default:
        return unknownMessage(call);
    }
  }

  /**
   * Completes the timings of an answer: the picture is read here, and earlier calls are awaited here, outside the
   * engine, which measures the rest.
   * @param {Answers[keyof Answers]} answer
   */
  addTimes(answer) {
    if (!('timings' in answer)) return;
    const { timings } = answer;
    timings.preprocess += this.#read;
    timings.ranking = timings.readback;
    timings.total = performance.now() - this.#start;
  }

  /** Returns the call for another worker, with its picture as far as it has been read. @returns {Call} */
  giveBack() {
    const [call, picture] = [this.#call, this.#picture];
    this.#picture = null;
    return 'picture' in call && picture ? { ...call, picture } : call;
  }

  /**
   * Returns a computation on the call's picture.
   * @template T
   * @param {PictureMethods<T>} methods
   * @returns {Computation<T>}
   */
  #ofPicture({ pixels, bitmap }) {
    return {
      gpu: async (engine) => {
        const picture = this.#decoded();
        if (picture.kind !== 'bitmap') return pixels(engine, ...args(picture));
        try {
          return await bitmap(engine, picture.bitmap);
        } catch (error) {
          if (!isFailure(error) || error.name !== 'InputInvalid') throw error;
          // Browsers cannot copy every bitmap to a GPU, but can draw every one on a canvas.
          return pixels(engine, ...args(this.#pixels()));
        }
      },
      cpu: (engine) => pixels(engine, ...args(this.#pixels())),
    };
  }

  /** The picture after `prepare`. */
  #decoded() {
    return /** @type {Decoded} */ (this.#picture);
  }

  /** Returns the picture's pixels. A bitmap can be read only once, so they replace it. */
  #pixels() {
    const pixels = readPixels(this.#decoded());
    this.#picture = { kind: 'rgba', ...pixels };
    return pixels;
  }
}

/**
 * Returns a computation that is the same on both engines.
 * @template T
 * @param {(engine: CpuEngine | WasmEngine) => T | Promise<T>} compute
 * @returns {Computation<T>}
 */
const onBoth = (compute) => ({ gpu: /** @type {Computation<T>['gpu']} */ (compute), cpu: compute });

/**
 * A picture as the engines take it.
 * @param {Pixels} pixels
 * @returns {[rgba: Uint8Array, width: number, height: number]}
 */
const args = ({ rgba, width, height }) => [
  new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength),
  width,
  height,
];
