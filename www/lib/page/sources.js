// The page's side of a picture: turns any source into something that can be sent to the worker. The source is
// captured when the call is made; it is never transferred, closed or changed.

import { failure, isFailure, kindOf, messageOf, show } from '../shared/errors.js';
import { checkPictureSize } from '../shared/limits.js';

/** @import { Picture } from '../shared/protocol.js' */

/** The side of an SVG picture without a size, in pixels. */
const SVG_SIDE = 512;

/**
 * @param {any} source distinguished by its kind
 * @returns {Promise<Picture>}
 */
export async function takePicture(source) {
  switch (kindOf(source)) {
    case 'HTMLVideoElement':
      if (source.readyState < 2) {
        throw noFrame('one that has not loaded any');
      }
      return takeFrame(source, source.videoWidth, source.videoHeight);
    case 'HTMLImageElement':
      return takeImage(source);
    case 'HTMLCanvasElement':
    case 'OffscreenCanvas':
    case 'ImageBitmap':
      return snapshot(source, source.width, source.height);
    case 'VideoFrame':
      return takeFrame(source, source.displayWidth, source.displayHeight);
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
 * Returns a copy of what the source shows now.
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
    // A bitmap with another site's pixels cannot be transferred, not even to our own worker.
    return { kind: 'bitmap', bitmap: structuredClone(bitmap, { transfer: [bitmap] }) };
  } catch (error) {
    bitmap.close();
    const advice = 'serve it from this site, or with CORS headers and crossorigin="anonymous"';
    const found = "another site's, or an SVG with foreign content";
    throw invalid('a picture that this page may read', found, advice, error);
  }
}

/**
 * Returns a video's frame as displayed. A bitmap of it may have the size and orientation of the stored frame, as in
 * a phone's video or with pixels that are not square; a canvas draws the displayed frame.
 * @param {any} source
 * @param {number} width as shown
 * @param {number} height
 * @returns {Promise<Picture>}
 */
async function takeFrame(source, width, height) {
  checkPictureSize(width, height);
  const turned = Boolean(source.rotation || source.flip);
  const picture = turned ? null : await snapshot(source, width, height).catch(explainVideo(source));
  if (picture?.kind === 'bitmap') {
    const { bitmap } = picture;
    if (bitmap.width === width && bitmap.height === height) return picture;
    bitmap.close();
  }
  return drawn(source, width, height);
}

/**
 * @param {any} source whose frame is unavailable
 * @returns {(error: any) => never}
 */
const explainVideo = (source) => (error) => {
  if (error.cause?.name !== 'InvalidStateError' || kindOf(source) !== 'HTMLVideoElement') throw error;
  throw noFrame('one that has none yet', error.cause);
};

/** @param {string} found @param {unknown} [cause] */
const noFrame = (found, cause) =>
  invalid(
    'a video with a current frame',
    found,
    "play it, or set preload='auto' and wait for its 'loadeddata' event",
    cause,
  );

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
      if (!DRAWN.has(/** @type {any} */ (error).cause?.name)) throw error;
    }
  }
  return drawn(image, ...sizeOf(image));
}

/**
 * The errors for which a canvas may draw an img of which no bitmap can be made: the first for an SVG picture without
 * a size (if given one, browsers return a blank bitmap), the second for foreign content in a `data:` URL.
 */
const DRAWN = new Set(['InvalidStateError', 'DataCloneError']);

/**
 * Returns the size at which an img is drawn.
 * @param {HTMLImageElement} image a loaded one
 * @returns {[width: number, height: number]}
 */
const sizeOf = ({ naturalWidth, naturalHeight }) => [naturalWidth || SVG_SIDE, naturalHeight || SVG_SIDE];

/**
 * Returns a copy made through a canvas.
 * @param {HTMLImageElement | HTMLVideoElement | VideoFrame} source
 * @param {number} width
 * @param {number} height
 */
function drawn(source, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(source, 0, 0, width, height);
  return snapshot(canvas, width, height);
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
  return takeSvg(blob);
}

/**
 * Draws an SVG file, which workers cannot decode. From a `blob:` URL, foreign content would make it unreadable, so a
 * `data:` URL is tried first; the page's policy may forbid that.
 * @param {Blob} blob
 * @returns {Promise<Picture>}
 */
async function takeSvg(blob) {
  const image = new Image();
  image.src = await dataUrl(blob);
  try {
    await image.decode();
    checkPictureSize(...sizeOf(image));
    return await drawn(image, ...sizeOf(image));
  } catch (error) {
    if (isFailure(error)) throw error;
  }
  image.src = URL.createObjectURL(blob);
  try {
    return await takeImage(image);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => {
      const { error } = reader;
      reject(invalid('a file that can be read', messageOf(error), 'choose it again', error));
    };
    reader.readAsDataURL(blob);
  });
}
