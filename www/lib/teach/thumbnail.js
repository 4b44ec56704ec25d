// A small picture of an example, so that a person can tell which one to remove.

/** Length of its sides, in pixels. */
const SIDE = 96;

/**
 * Returns the central square of a picture as a JPEG file.
 * @param {ImageBitmap} picture closed afterwards
 * @returns {Promise<Blob>}
 */
export async function thumbnailOf(picture) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const side = Math.min(picture.width, picture.height);
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  canvas.getContext('2d')?.drawImage(picture, left, top, side, side, 0, 0, SIDE, SIDE);
  picture.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
}
