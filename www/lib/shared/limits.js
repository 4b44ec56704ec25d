// The sizes of picture that are accepted, the same for every kind of source.

import { failure } from './errors.js';

const MAX_PIXELS = 64e6;

/**
 * Refuses a picture without pixels or with too many.
 * @param {number} width
 * @param {number} height
 */
export function checkSize(width, height) {
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
      `source: expected at most 64 megapixels, found ${found.toFixed(1)} (${width}×${height}): ` +
        'scale it down first',
    );
  }
}
