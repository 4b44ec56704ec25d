// The limits of arguments. The page checks what it can see; the worker checks the rest.

import { failure } from './errors.js';

/** Pixels of a picture. */
export const MAX_PIXELS = 64e6;

/** Threads of the CPU engine. */
export const MAX_THREADS = 64;

/** Bytes of a model file: twice the largest ResNet in F32. */
export const MAX_MODEL_BYTES = 512 * 2 ** 20;

/** The advice when the library has no model of its own, as in its package. */
export const GET_MODEL =
  'the package `reslens` comes without one: npm install reslens-webcam50 and pass model: webcam50(), or the ' +
  'address of your own';

/**
 * Refuses a picture without pixels or with too many, the same for every kind of source.
 * @param {number} width
 * @param {number} height
 * @throws an `InputInvalid`
 */
export function checkPictureSize(width, height) {
  if (!(width > 0 && height > 0)) {
    throw failure(
      'InputInvalid',
      `source: expected a picture with pixels, found ${width}×${height}: wait until it is loaded, ` +
        'and check that it is not closed',
    );
  }
  if (width * height > MAX_PIXELS) {
    const found = (width * height) / 1e6;
    throw failure(
      'InputInvalid',
      `source: expected at most ${MAX_PIXELS / 1e6} megapixels, found ${found.toFixed(1)} (${width}×${height}): ` +
        'scale it down first',
    );
  }
}
