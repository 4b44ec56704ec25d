/** A canvas that shows one map at its own resolution: one pixel is one cell of the tensor. */

import { paint } from '../app/text/maps.js';
import { element } from './dom.js';

/**
 * @typedef {import('../app/types.js').CellMap} CellMap
 * @typedef {import('../app/types.js').Part} Part
 */

export class MapCanvas {
  /** @type {ImageData|null} */
  #pixels = null;

  /** @param {string} className */
  constructor(className) {
    this.canvas = element('canvas', { class: className, width: '1', height: '1' });
  }

  /** @param {string} block @param {Part} part */
  name(block, part) {
    this.canvas.dataset.block = block;
    this.canvas.dataset.part = part;
  }

  /**
   * @param {CellMap} map
   * @param {import('../app/text/maps.js').Scale} scale
   */
  draw(map, scale) {
    const { canvas } = this;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    if (canvas.width !== map.width) canvas.width = map.width;
    if (canvas.height !== map.height) canvas.height = map.height;
    if (this.#pixels?.width !== map.width || this.#pixels.height !== map.height) {
      this.#pixels = context.createImageData(map.width, map.height);
    }
    paint(map, scale, this.#pixels.data);
    context.putImageData(this.#pixels, 0, 0);
  }
}
