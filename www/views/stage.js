/**
 * The picture or the camera, the square that the network sees, and the map that is pointed at laid
 * over it.
 *
 * @typedef {import('../page/types.js').State} State
 * @typedef {import('../page/types.js').ViewContext} ViewContext
 */

import { cropInBox } from '../page/geometry.js';
import { describe, pointedMap } from '../page/maps.js';
import { partLabel } from '../page/network.js';
import { isMirrored } from '../page/state.js';
import { need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'stage';

const REST_NOTE = 'The outlined square is what the network sees. Point at a map below to lay it over the picture.';

/** @type {State|null} */
let last = null;
/** @type {HTMLElement} */
let box;
/** @type {HTMLImageElement} */
let picture;
/** @type {HTMLVideoElement} */
let video;
/** @type {HTMLCanvasElement} */
let still;
/** @type {HTMLElement} */
let outline;
/** @type {HTMLElement} */
let hintLine;
/** @type {HTMLElement} */
let note;
/** @type {HTMLElement} */
let caption;
/** @type {MapCanvas} */
let overlay;
/** @type {ImageBitmap|null} */
let drawn = null;

/** @param {HTMLElement} root @param {ViewContext} context */
export function mount(root, context) {
  box = need(root, '.stage-box', HTMLElement);
  picture = need(root, 'img', HTMLImageElement);
  still = need(root, '.stage-still', HTMLCanvasElement);
  outline = need(root, '.crop', HTMLElement);
  hintLine = need(root, '#hint', HTMLElement);
  note = need(root, '#map-note', HTMLElement);
  caption = need(root, '#caption', HTMLElement);
  video = context.video;
  overlay = new MapCanvas('overlay');
  overlay.canvas.setAttribute('aria-hidden', 'true');
  outline.append(overlay.canvas);
  picture.addEventListener('load', placeOutline);
  video.addEventListener('resize', placeOutline);
  new ResizeObserver(placeOutline).observe(box);
}

/** @param {State} state */
export function update(state) {
  showSubject(state);
  if (state.model !== last?.model || state.subject?.kind !== last?.subject?.kind) {
    last = state;
    placeOutline();
  }
  last = state;
  showPointed(state);
}

/** @param {State} state */
function showSubject({ subject, phase, hint, settings }) {
  const live = phase === 'live';
  const asPicture = subject?.kind === 'picture' && !live;
  // Before there is a subject, the document's own picture stands there.
  picture.hidden = !asPicture && (live || subject !== null);
  video.hidden = !live;
  still.hidden = live || subject?.kind !== 'camera';
  box.classList.toggle('mirrored', isMirrored(subject, settings));
  if (subject) setText(caption, captionOf(subject));
  setText(hintLine, live ? '' : hint);
  if (asPicture && picture.src !== subject.url) {
    picture.src = subject.url;
    picture.alt = subject.alt;
  }
  if (!still.hidden && subject?.kind === 'camera' && drawn !== subject.still) drawStill(subject.still);
}

/** @param {import('../page/types.js').Subject} subject */
function captionOf(subject) {
  if (subject.kind === 'camera') return `${subject.title}, ${subject.still.width}×${subject.still.height}`;
  return subject.credit ? `${subject.title}: ${subject.credit}` : subject.title;
}

/** @param {ImageBitmap} frame */
function drawStill(frame) {
  drawn = frame;
  still.width = frame.width;
  still.height = frame.height;
  still.getContext('2d')?.drawImage(frame, 0, 0);
  placeOutline();
}

function placeOutline() {
  const size = shownSize();
  const model = last?.model;
  outline.hidden = !model || !size;
  if (!model || !size) return;
  const seen = cropInBox(size, { width: box.clientWidth, height: box.clientHeight }, model);
  for (const side of /** @type {const} */ (['left', 'top', 'width', 'height'])) {
    outline.style[side] = `${seen[side]}px`;
  }
}

/** Pixels of what the stage shows. */
function shownSize() {
  if (!video.hidden && video.videoWidth > 0) return { width: video.videoWidth, height: video.videoHeight };
  if (!still.hidden) return { width: still.width, height: still.height };
  if (!picture.hidden && picture.naturalWidth > 0) {
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  }
  return null;
}

/** @param {State} state */
function showPointed(state) {
  const pointed = pointedMap(state);
  overlay.canvas.hidden = !pointed;
  if (!pointed) return setText(note, REST_NOTE);
  const { map, scale, reduce, block, part } = pointed;
  overlay.draw(map, scale);
  const mirrored = isMirrored(state.answer?.subject, state.settings);
  setText(note, describe(block.name, partLabel(block, part), map, { reduce, mirrored }));
}
