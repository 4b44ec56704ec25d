/**
 * The picture with the map under the pointer over it, in a corner of the window, for maps that are too
 * far from the stage to see both.
 *
 * @typedef {import('../app/types.js').Update} Update
 */

import { crop } from '../app/text/geometry.js';
import { pointedMap } from '../app/text/maps.js';
import { isMirrored } from '../app/text/state.js';
import { need } from './dom.js';
import { MapCanvas } from './map-canvas.js';
import { shownPicture } from './shown-picture.js';

export const id = 'pointed-map';

/** Side of the canvas, in pixels. */
const SIDE = 480;

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const canvas = need(root, 'canvas', HTMLCanvasElement);
  const stage = need(document, '.stage-box', HTMLElement);
  /** The map's own pixels, before they are enlarged. */
  const cells = new MapCanvas('');
  canvas.width = canvas.height = SIDE;
  let stageInSight = true;
  new IntersectionObserver((entries) => {
    stageInSight = entries[entries.length - 1].isIntersecting;
  }, { threshold: 0.4 }).observe(stage);

  return (state) => {
    const pointed = stageInSight ? null : pointedMap(state);
    const shown = shownPicture(stage);
    root.hidden = !pointed || !shown;
    if (!pointed || !shown || !state.model) return;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const mirror = isMirrored(state.answer?.subject, state.settings) ? -1 : 1;
    context.setTransform(mirror, 0, 0, 1, mirror < 0 ? SIDE : 0, 0);
    const { source, width, height } = shown;
    const { left, top, width: side } = crop(width, height, state.model);
    context.globalAlpha = 1;
    context.drawImage(source, left, top, side, side, 0, 0, SIDE, SIDE);
    cells.draw(pointed.map, pointed.scale);
    context.globalAlpha = 0.72;
    context.imageSmoothingEnabled = state.settings.smooth;
    context.drawImage(cells.canvas, 0, 0, SIDE, SIDE);
  };
}
