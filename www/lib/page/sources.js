// The page's side of a picture: from any source to something that can be sent to the worker. The
// source's state is taken when the call is made; it is never transferred, closed or changed.

import { failure, kindOf, messageOf, show } from '../shared/errors.js';
import { checkPictureSize } from '../shared/limits.js';

/** @import { Picture } from '../shared/protocol.js' */

/** Side of an SVG picture that states no size. */
const SVG_SIDE = 512;

/**
 * @param {any} source told apart by its kind
 * @returns {Promise<Picture>}
 */
export async function takePicture(source) {
  switch (kindOf(source)) {
    case 'HTMLVideoElement':
      if (source.readyState < 2) {
        throw invalid('a video with a current frame', 'one that has not loaded any', "wait for its 'loadeddata' event");
      }
      return snapshot(source, source.videoWidth, source.videoHeight);
    case 'HTMLImageElement':
      return takeImage(source);
    case 'HTMLCanvasElement':
    case 'OffscreenCanvas':
    case 'ImageBitmap':
      return snapshot(source, source.width, source.height);
    case 'VideoFrame':
      return snapshot(source, source.displayWidth, source.displayHeight);
    case 'ImageData':
      return takeImageData(source);
    case 'Blob':
    case 'File':
      return takeBlob(source);
    default:
      throw invalid(
        'a video, img or canvas element, an OffscreenCanvas, ImageBitmap, ImageData, VideoFrame or Blob',
        show(source),
        'pass one of these',
      );
  }
}

/**
 * @param {string} expected
 * @param {string} found
 * @param {string} advice
 * @param {unknown} [cause]
 */
const invalid = (expected, found, advice, cause) =>
  failure('InputInvalid', `source: expected ${expected}, found ${found}: ${advice}`, cause);

/**
 * A copy of what the source shows now.
 * @param {ImageBitmapSource} source
 * @param {number} width
 * @param {number} height
 * @param {ImageBitmapOptions} [options]
 * @returns {Promise<Picture>}
 */
async function snapshot(source, width, height, options) {
  checkPictureSize(width, height);
  let bitmap;
  try {
    bitmap = await createImageBitmap(source, options);
  } catch (error) {
    throw invalid('a readable picture', messageOf(error), 'check that it is loaded and not closed', error);
  }
  try {
    // A bitmap that holds another site's pixels cannot be moved, not even to ourselves.
    return { kind: 'bitmap', bitmap: structuredClone(bitmap, { transfer: [bitmap] }) };
  } catch (error) {
    bitmap.close();
    const advice = 'serve it from this site, or with CORS headers and crossorigin="anonymous"';
    throw invalid('a picture that this page may read', "another site's", advice, error);
  }
}

/**
 * @param {HTMLImageElement} image
 * @returns {Promise<Picture>}
 */
async function takeImage(image) {
  if (!image.complete && image.loading === 'lazy') {
    throw invalid('a loaded img', 'one that waits to be scrolled to', "wait for its 'load' event");
  }
  if (!image.complete || !image.naturalWidth) {
    await image.decode().catch((error) => {
      throw invalid('an img with a picture', messageOf(error), 'check its address', error);
    });
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width && height) {
    try {
      return await snapshot(image, width, height, { imageOrientation: 'from-image' });
    } catch (error) {
      if (/** @type {any} */ (error).cause?.name !== 'InvalidStateError') throw error;
    }
  }
  // An SVG picture may have no size of its own. `createImageBitmap` refuses it then, or, told a
  // size, gives a blank one; canvases draw it.
  const canvas = new OffscreenCanvas(width || SVG_SIDE, height || SVG_SIDE);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return snapshot(canvas, canvas.width, canvas.height);
}

/**
 * @param {ImageData} image
 * @returns {Promise<Picture>}
 */
async function takeImageData(image) {
  const { width, height, data, colorSpace } = image;
  if (kindOf(data) !== 'Uint8ClampedArray' || (colorSpace ?? 'srgb') !== 'srgb') {
    return snapshot(image, width, height); // the browser converts it
  }
  checkPictureSize(width, height);
  return { kind: 'rgba', rgba: new Uint8ClampedArray(data), width, height };
}

/**
 * @param {Blob} blob
 * @returns {Promise<Picture>}
 */
async function takeBlob(blob) {
  if (!/^image\/svg\+xml\b/i.test(blob.type)) return { kind: 'blob', blob };
  // Workers cannot decode SVG.
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    return await takeImage(image);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
