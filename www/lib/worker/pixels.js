// The worker's side of a picture: turns the sent form into rows of RGBA.

import { failure, isFailure, messageOf } from '../shared/errors.js';
import { describe } from './file-kind.js';
import { sizeFromHeader } from './image-size.js';
import { checkPictureSize } from '../shared/limits.js';
import { upright } from './webp-orientation.js';

/** @import { Picture } from '../shared/protocol.js' */

/**
 * 8-bit sRGB, row by row, `4 * width * height` bytes.
 * @typedef {{rgba: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}} Pixels
 */

/**
 * The side of the canvas through which pixels are read: the largest in every browser (Safari
 * on phones leaves a larger one blank, without an error).
 */
const TILE = 4096;

/** @typedef {Exclude<Picture, {kind: 'blob'}>} Decoded */

/**
 * @param {Picture} picture
 * @returns {Promise<Decoded>}
 */
export async function decode(picture) {
  return picture.kind === 'blob' ? { kind: 'bitmap', bitmap: await decodeBlob(picture.blob) } : picture;
}

/**
 * Reads a picture; a bitmap is closed, and can be read only once.
 * @param {Decoded} picture
 * @returns {Pixels}
 */
export const readPixels = (picture) =>
  picture.kind === 'bitmap' ? readBitmap(picture.bitmap) : picture;

/**
 * @param {Blob} blob
 * @returns {Promise<ImageBitmap>}
 */
async function decodeBlob(blob) {
  const stated = await readable(sizeFromHeader(blob));
  if (stated) checkPictureSize(stated.width, stated.height);
  let bitmap;
  try {
    bitmap = await toBitmap(blob).catch(async (error) => {
      if (!stated) throw error;
      // Firefox does not recognise a file of several parts whose first part is only a few bytes.
      return toBitmap(new Blob([await blob.arrayBuffer()], { type: blob.type }));
    });
  } catch (error) {
    // The file may have been deleted since.
    const start = new Uint8Array(await readable(blob.slice(0, 64).arrayBuffer()));
    const { found, advice } = describe(start, blob);
    throw failure(
      'InputInvalid',
      `source: expected a picture that this browser can decode (JPEG, PNG, WebP, GIF …), found ${found}${advice}`,
      error,
    );
  }
  try {
    checkPictureSize(bitmap.width, bitmap.height);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return readable(upright(blob, bitmap));
}

/**
 * Returns the result of reading a file; one that has changed since it was chosen cannot be read.
 * @template T
 * @param {Promise<T>} reading
 * @returns {Promise<T>}
 */
async function readable(reading) {
  try {
    return await reading;
  } catch (error) {
    if (isFailure(error)) throw error;
    const message = `source: the file cannot be read (${messageOf(error)}): choose it again`;
    throw failure('InputInvalid', message, error);
  }
}

/** @param {Blob} blob */
const toBitmap = (blob) => createImageBitmap(blob, { imageOrientation: 'from-image' });

/**
 * Reads a bitmap on white, and closes it.
 * @param {ImageBitmap} bitmap
 * @returns {Pixels}
 */
function readBitmap(bitmap) {
  const { width, height } = bitmap;
  try {
    if (width <= TILE && height <= TILE) {
      return { rgba: readTile(bitmap, 0, 0, width, height), width, height };
    }
    const rgba = new Uint8ClampedArray(4 * width * height);
    for (let top = 0; top < height; top += TILE) {
      for (let left = 0; left < width; left += TILE) {
        const columns = Math.min(TILE, width - left);
        const tile = readTile(bitmap, left, top, columns, Math.min(TILE, height - top));
        for (let from = 0, to = 4 * (top * width + left); from < tile.length; to += 4 * width) {
          rgba.set(tile.subarray(from, (from += 4 * columns)), to);
        }
      }
    }
    return { rgba, width, height };
  } finally {
    bitmap.close();
  }
}

/** The canvas of the last tile, reused because all frames of a camera have the same size. */
let canvas = new OffscreenCanvas(1, 1);

/**
 * @param {ImageBitmap} bitmap
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 */
function readTile(bitmap, left, top, width, height) {
  if (canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
  if (!context) throw failure('OutOfMemory', `a canvas of ${width}×${height} is unavailable: use a smaller picture`);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, -left, -top);
  return context.getImageData(0, 0, width, height, { colorSpace: 'srgb' }).data;
}
