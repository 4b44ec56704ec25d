/**
 * What the network sees with the map that is pointed at over it, in a corner of the window: for the
 * maps that are too far from the stage to be seen together with it.
 *
 * @typedef {import('../page/types.js').State} State
 */

import { crop } from '../page/geometry.js';
import { pointedMap } from '../page/maps.js';
import { isMirrored } from '../page/state.js';
import { need } from './dom.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'inset';

/** Side of the canvas, in pixels. */
const SIDE = 480;

/** @type {HTMLElement} */
let root;
/** @type {HTMLCanvasElement} */
let canvas;
/** @type {HTMLVideoElement} */
let video;
/** @type {HTMLImageElement} */
let picture;
/** @type {HTMLCanvasElement} */
let still;
/** The map's own pixels, before they are enlarged. */
const cells = new MapCanvas('');
/** Whether the stage is in sight. */
let inSight = true;

/** @param {HTMLElement} place @param {import('../page/types.js').ViewContext} context */
export function mount(place, context) {
  root = place;
  canvas = need(root, 'canvas', HTMLCanvasElement);
  canvas.width = canvas.height = SIDE;
  video = context.video;
  const stage = need(document, '.stage-box', HTMLElement);
  picture = need(stage, 'img', HTMLImageElement);
  still = need(stage, '.stage-still', HTMLCanvasElement);
  new IntersectionObserver((entries) => {
    inSight = entries[entries.length - 1].isIntersecting;
  }, { threshold: 0.4 }).observe(stage);
}

/** @param {State} state */
export function update(state) {
  const pointed = inSight ? null : pointedMap(state);
  root.hidden = !pointed;
  if (!pointed || !state.model) return;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const mirror = isMirrored(state.answer?.subject, state.settings) ? -1 : 1;
  context.setTransform(mirror, 0, 0, 1, mirror < 0 ? SIDE : 0, 0);
  const { source, width, height } = shown();
  const { left, top, width: side } = crop(width, height, state.model);
  context.globalAlpha = 1;
  context.drawImage(source, left, top, side, side, 0, 0, SIDE, SIDE);
  cells.draw(pointed.map, pointed.scale);
  context.globalAlpha = 0.72;
  context.imageSmoothingEnabled = state.settings.smooth;
  context.drawImage(cells.canvas, 0, 0, SIDE, SIDE);
}

/** What the stage shows, with its size in pixels. */
function shown() {
  if (!video.hidden) return { source: video, width: video.videoWidth, height: video.videoHeight };
  if (!still.hidden) return { source: still, width: still.width, height: still.height };
  return { source: picture, width: picture.naturalWidth, height: picture.naturalHeight };
}
