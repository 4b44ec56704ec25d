/**
 * The gradient between the blocks as a chart over depth, the two paths back through the block in the close-up in
 * numbers, and Grad-CAM over the picture.
 *
 * @typedef {import('../app/types.js').GradientFound} GradientFound
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { MAGNITUDE_GRADIENT } from '../app/text/colors.js';
import { figure, milliseconds, progressLine } from '../app/text/format.js';
import { agreementWords, depthWords, gradientChart, wayBackWords } from '../app/text/gradient.js';
import { message } from '../app/text/messages.js';
import { chart } from './chart.js';
import { element, need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';
import { WayBack } from './way-back.js';

export const id = 'gradient';

/** The shortest time between changes of live texts, in ms. */
const WORDS_PAUSE_MS = 1000;

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const on = need(root, '#gradient-on', HTMLInputElement);
  const overlaid = need(root, '#gradient-map', HTMLInputElement);
  const rate = need(root, '#gradient-rate', HTMLElement);
  const result = need(root, '#gradient-result', HTMLElement);
  const words = need(root, '#gradient-words', HTMLElement);
  const ways = need(root, '#gradient-ways', HTMLElement);
  const high = element('span');
  const bar = element('span', { class: 'legend-bar' });
  const camWords = need(root, '#gradient-cam', HTMLElement);
  const drawing = chart('The gradient’s size between the blocks', 'gradient', (error) => actions.say(`The file could not be made: ${message(error)}.`));
  const overlay = new MapCanvas('overlay gradient-overlay');
  const gradCam = captioned('Grad-CAM');
  const exactMap = captioned('exact map, below 0 as 0');
  const wayBack = new WayBack(need(document, '#diagram', HTMLElement));
  /** @type {State|null} */
  let last = null;
  let spoken = -Infinity;

  bar.style.backgroundImage = MAGNITUDE_GRADIENT;
  overlay.canvas.setAttribute('aria-hidden', 'true');
  need(document, '.crop', HTMLElement).append(overlay.canvas);
  need(root, '#gradient-chart', HTMLElement).append(drawing.element);
  need(root, '.gradient-maps', HTMLElement).append(gradCam.figure, exactMap.figure, element('p', { class: 'legend' }, [element('span', {}, ['0']), bar, high]));
  on.addEventListener('change', () => actions.showGradient({ on: on.checked }));
  overlaid.addEventListener('change', () => {
    actions.showGradient({ overlay: overlaid.checked });
    showSeen();
  });
  const stage = need(document, '#stage', HTMLElement);
  const watched = new Map([root, need(document, '#closeup', HTMLElement), stage].map((element) => [element, false]));
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) watched.set(/** @type {HTMLElement} */ (target), isIntersecting);
    showSeen();
  });
  for (const element of watched.keys()) observer.observe(element);

  return (state) => {
    const before = last;
    last = state;
    const { gradient: { found, on: running, overlay: laid }, answer, pointed, evidence } = state;
    on.disabled = !answer;
    on.checked = running;
    overlaid.disabled = !running;
    overlaid.checked = laid;
    result.hidden = !found;
    setText(rate, found ? rateWords(found) : running ? waitingWords(state) : '');
    const map = found && (found.cut ?? found.whole).maps[0];
    // The map under the pointer comes first, and the evidence takes the same place.
    overlay.canvas.hidden = !laid || !map || pointed !== null || evidence !== null;
    const about = before?.gradient.found;
    if (found === about) return;
    wayBack.show(found && (found.cut ?? found.whole).blocks.find(({ block }) => block === found.block));
    if (!found || !map) return;
    drawing.draw(gradientChart(found));
    const scale = { low: 0, high: map.max || 1, signed: false };
    overlay.draw(map, scale);
    gradCam.map.draw(map, scale);
    exactMap.figure.hidden = !found.exact;
    if (found.exact) exactMap.map.draw(found.exact, scale);
    setText(high, figure(map.max));
    const now = performance.now();
    if (state.phase === 'live' && now - spoken < WORDS_PAUSE_MS && about) return;
    spoken = now;
    showWords(state, found);
  };

  /** The picture is observed while the map is over it. */
  function showSeen() {
    actions.showGradient({ seen: [...watched].some(([element, inSight]) => inSight && (element !== stage || overlaid.checked)) });
  }

  /** @param {State} state @param {GradientFound} found */
  function showWords({ model }, found) {
    const shown = found.cut ?? found.whole;
    const block = model?.blocks.find(({ name }) => name === found.block);
    const at = shown.blocks.find(({ block }) => block === found.block);
    setText(words, depthWords(found));
    if (block && at) setText(ways, `${found.block}: ${wayBackWords(at, block, found)}`);
    const [map] = shown.maps;
    setText(camWords, `Grad-CAM of ${shown.label} at ${found.block}: where a stronger activation would raise its logit.` +
      (found.exact ? ` At the last block it is the exact map of the evidence with its negative cells at 0. ${agreementWords(map, found.exact)}` : ''));
  }
}

/** A map with a line of text below it. @param {string} caption */
function captioned(caption) {
  const map = new MapCanvas('map');
  map.canvas.setAttribute('role', 'img');
  map.canvas.setAttribute('aria-label', caption);
  return { map, figure: element('figure', {}, [map.canvas, element('figcaption', {}, [caption])]) };
}

/** The text while the first answer is awaited. @param {State} state */
function waitingWords({ gradient: { progress } }) {
  return progress && progress.loaded !== progress.total ? progressLine([progress]) : 'computing';
}

/** The gradient's own pace, beside the camera's. @param {GradientFound} found */
function rateWords({ whole, pace }) {
  const { total } = whole.timings;
  return pace ? `${pace.fps.toFixed(1)} a second · ${milliseconds(total)}` : milliseconds(total);
}
