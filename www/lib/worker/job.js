// One call in the worker: reading its picture, and computing its answer.

import { closePicture, unknownMessage } from '../shared/protocol.js';
import { decode, readPixels } from './pixels.js';

/** @import { Answers, Call, Picture } from '../shared/protocol.js' */
/** @import { Engines } from './engines.js' */
/** @import { WasmEngine } from './gpu.js' */
/** @import { Decoded, Pixels } from './pixels.js' */
/** @import { CpuEngine } from './runtime.js' */

/**
 * What computes the answer of a picture: from its pixels, or on a GPU from its bitmap.
 * @typedef {object} PictureMethods
 * @property {(engine: CpuEngine | WasmEngine, rgba: Uint8Array, width: number, height: number) => any} pixels
 * @property {(engine: WasmEngine, bitmap: ImageBitmap) => Promise<any>} bitmap
 */

export class Job {
  #call;
  #engines;

  /** The call's picture as far as it has been read. @type {Picture | null} */
  #picture;

  #start = performance.now();

  /** Until when the picture was read, in ms after the start. */
  #read = 0;

  /** @param {Call} call @param {Engines} engines */
  constructor(call, engines) {
    this.#call = call;
    this.#engines = engines;
    this.#picture = call.method === 'logits' ? null : call.picture;
  }

  /** Reads the call's picture as far as the engine in front cannot do it itself. */
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
   * @param {Promise<unknown>} before resolves when the calls before have ended
   * @returns {Promise<Answers[keyof Answers]>}
   */
  compute(before) {
    const call = this.#call;
    switch (call.method) {
      case 'classify':
        return this.#computePicture(before, {
          pixels: (engine, rgba, width, height) => engine.classify(rgba, width, height, call.options),
          bitmap: (engine, bitmap) => engine.classifyBitmap(bitmap, call.options),
        });
      case 'embed':
        return this.#computePicture(before, {
          pixels: (engine, rgba, width, height) => engine.embed(rgba, width, height),
          bitmap: (engine, bitmap) => engine.embedBitmap(bitmap),
        });
      case 'logits': {
        const compute = (/** @type {CpuEngine | WasmEngine} */ engine) =>
          /** @type {any} */ (engine.logits(call.input, call.shape, call.options));
        return this.#engines.run({ gpu: compute, cpu: compute }, before);
      }
      default:
        return unknownMessage(call);
    }
  }

  /**
   * Completes the times of an answer: reading the picture and waiting for earlier calls happen here, outside
   * the engine, which measures the rest.
   * @param {Answers[keyof Answers]} answer
   */
  addTimes(answer) {
    if (!('timings' in answer)) return;
    const { timings } = answer;
    timings.preprocess += this.#read;
    timings.ranking = timings.readback;
    timings.total = performance.now() - this.#start;
  }

  /** Gives the call away, to be made by another worker, with what is left of its picture. @returns {Call} */
  giveBack() {
    const [call, picture] = [this.#call, this.#picture];
    this.#picture = null;
    return call.method === 'logits' || !picture ? call : { ...call, picture };
  }

  /**
   * @param {Promise<unknown>} before
   * @param {PictureMethods} methods
   */
  async #computePicture(before, { pixels, bitmap }) {
    try {
      return await this.#engines.run(
        {
          gpu: (engine) => {
            const picture = this.#decoded();
            return picture.kind === 'bitmap'
              ? bitmap(engine, picture.bitmap)
              : pixels(engine, ...args(picture));
          },
          cpu: (engine) => pixels(engine, ...args(this.#pixels())),
        },
        before,
      );
    } finally {
      if (this.#picture) closePicture(this.#picture);
    }
  }

  /** The picture after `prepare`. */
  #decoded() {
    return /** @type {Decoded} */ (this.#picture);
  }

  /** The picture's pixels. A bitmap can be read only once, so they take its place. */
  #pixels() {
    const pixels = readPixels(this.#decoded());
    this.#picture = { kind: 'rgba', ...pixels };
    return pixels;
  }
}

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
