/**
 * The part of a picture that the network sees. It scales a picture so that its shorter side has `resize` pixels, and
 * takes the central square of `inputSize` pixels.
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Rectangle
 */

/**
 * Returns the square that the network sees, in pixels of the picture.
 * @param {number} width of the picture
 * @param {number} height of the picture
 * @param {{inputSize: number, resize: number}} model
 * @returns {Rectangle}
 */
export function crop(width, height, { inputSize, resize }) {
  const side = (Math.min(width, height) * inputSize) / resize;
  return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
}

/**
 * Returns the place of a picture in a box that shows all of it, centred (CSS `object-fit: contain`).
 * @param {number} width of the picture
 * @param {number} height of the picture
 * @param {{width: number, height: number}} box
 * @returns {Rectangle & {scale: number}}
 */
export function contain(width, height, box) {
  const scale = Math.min(box.width / width, box.height / height);
  return {
    left: (box.width - width * scale) / 2,
    top: (box.height - height * scale) / 2,
    width: width * scale,
    height: height * scale,
    scale,
  };
}

/**
 * Returns the square that the network sees, in pixels of the box.
 * @param {{width: number, height: number}} picture
 * @param {{width: number, height: number}} box
 * @param {{inputSize: number, resize: number}} model
 * @returns {Rectangle}
 */
export function cropInBox(picture, box, model) {
  const shown = contain(picture.width, picture.height, box);
  const seen = crop(picture.width, picture.height, model);
  return {
    left: shown.left + seen.left * shown.scale,
    top: shown.top + seen.top * shown.scale,
    width: seen.width * shown.scale,
    height: seen.height * shown.scale,
  };
}
