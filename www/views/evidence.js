/**
 * The evidence for a class: the last block's cells over the picture, split by path,
 * with a legend in logits and the sum in numbers.
 *
 * @typedef {import('../app/types.js').Cam} Cam
 * @typedef {import('../app/types.js').EvidencePart} EvidencePart
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { SIGNED_GRADIENT } from '../app/text/colors.js';
import { evidenceBound, paintEvidence, sumWords } from '../app/text/evidence.js';
import { figure } from '../app/text/format.js';
import { element, need, setText } from './dom.js';

export const id = 'evidence';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const sum = need(root, '#evidence-sum', HTMLElement);
  const low = need(root, '.legend > :first-child', HTMLElement);
  const high = need(root, '.legend > :nth-child(3)', HTMLElement);
  const crop = need(document, '.crop', HTMLElement);
  const overlay = element('canvas', { class: 'overlay evidence', width: '1', height: '1', 'aria-hidden': 'true' });
  const choices = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll('input[name="evidence"]')]);
  /** @type {State|null} */
  let last = null;

  need(root, '.legend-bar', HTMLElement).style.backgroundImage = SIGNED_GRADIENT;
  crop.append(overlay);
  for (const choice of choices) {
    choice.addEventListener('change', () => {
      if (last?.evidence) actions.showEvidence({ ...last.evidence, part: /** @type {EvidencePart} */ (choice.value) });
    });
  }

  return (state) => {
    const { evidence, answer, pointed } = state;
    const cam = evidence && answer?.cam;
    const changed = answer !== last?.answer || evidence !== last?.evidence;
    last = state;
    root.hidden = !cam;
    // The map under the pointer comes first.
    overlay.hidden = !cam || pointed !== null;
    if (!cam || !changed) return;
    for (const choice of choices) choice.checked = choice.value === evidence.part;
    draw(cam, evidence.part);
    setText(sum, `${cam.label}: ${sumWords(cam)}`);
  };

  /** @param {Cam} cam @param {EvidencePart} part */
  function draw(cam, part) {
    const bound = evidenceBound(cam);
    const { width, height } = cam[part];
    if (overlay.width !== width) overlay.width = width;
    if (overlay.height !== height) overlay.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (overlay.getContext('2d'));
    const pixels = context.createImageData(width, height);
    paintEvidence(cam[part], bound, pixels.data);
    context.putImageData(pixels, 0, 0);
    setText(low, figure(-bound));
    setText(high, `+${figure(bound)}`);
  }
}
