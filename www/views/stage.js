/**
 * The picture or the camera, the square that the network sees, and the map under the pointer on top.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Subject} Subject
 * @typedef {import('../app/types.js').Update} Update
 */

import { cropInBox } from '../app/text/geometry.js';
import { pointedMap } from '../app/text/maps.js';
import { isMirrored } from '../app/text/state.js';
import { need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';
import { shownPicture } from './shown-picture.js';

export const id = 'stage';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { video }) {
  const box = need(root, '.stage-box', HTMLElement);
  const picture = need(root, 'img', HTMLImageElement);
  const still = need(root, '.stage-still', HTMLCanvasElement);
  const outline = need(root, '.crop', HTMLElement);
  const hintLine = need(root, '#hint', HTMLElement);
  const caption = need(root, '#caption', HTMLElement);
  const overlay = new MapCanvas('overlay');
  /** @type {State|null} */
  let last = null;
  /** @type {ImageBitmap|null} */
  let drawn = null;

  overlay.canvas.setAttribute('aria-hidden', 'true');
  outline.append(overlay.canvas);
  picture.addEventListener('load', placeOutline);
  video.addEventListener('resize', placeOutline);
  new ResizeObserver(placeOutline).observe(box);

  return (state) => {
    const before = last;
    last = state;
    showSubject(state);
    if (state.model !== before?.model || state.subject?.kind !== before?.subject?.kind) placeOutline();
    showPointed(state);
  };

  /** @param {State} state */
  function showSubject({ subject, phase, hint, settings, evidence, answer }) {
    const live = phase === 'live';
    const asPicture = subject?.kind === 'picture' && !live;
    // Before there is a subject, the document's own picture is shown.
    picture.hidden = !asPicture && (live || subject !== null);
    video.hidden = !live;
    still.hidden = live || subject?.kind !== 'camera';
    box.classList.toggle('mirrored', isMirrored(subject, settings));
    const cam = evidence && answer?.cam;
    if (cam) setText(caption, `Where the evidence for ${cam.label} is, in logits`);
    else if (subject) setText(caption, captionOf(subject));
    setText(hintLine, hint);
    if (asPicture && picture.src !== subject.url) {
      picture.src = subject.url;
      picture.alt = subject.alt;
    }
    if (!still.hidden && subject?.kind === 'camera' && drawn !== subject.still) drawStill(subject.still);
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
    const size = shownPicture(box);
    const model = last?.model;
    outline.hidden = !model || !size;
    if (!model || !size) return;
    const seen = cropInBox(size, { width: box.clientWidth, height: box.clientHeight }, model);
    for (const side of /** @type {const} */ (['left', 'top', 'width', 'height'])) {
      outline.style[side] = `${seen[side]}px`;
    }
  }

  /** @param {State} state */
  function showPointed(state) {
    const pointed = pointedMap(state);
    overlay.canvas.hidden = !pointed;
    if (pointed) overlay.draw(pointed.map, pointed.scale);
  }
}

/** @param {Subject} subject */
function captionOf(subject) {
  if (subject.kind === 'camera') return `${subject.title}, ${subject.still.width}×${subject.still.height}`;
  return subject.credit ? `${subject.title}: ${subject.credit}` : subject.title;
}
