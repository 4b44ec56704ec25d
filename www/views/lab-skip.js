/**
 * The same network with and without x + F(x), and the gradient around one of its additions.
 *
 * @typedef {import('../app/lab-types.js').Course} Course
 */

import { figure } from '../app/text/format.js';
import { additionNumbers, skipWords } from '../app/text/lab-words.js';
import { need, setText } from './dom.js';
import { mountStoryPart } from './lab-story-part.js';

export const id = 'skip';

/** @param {HTMLElement} root @param {import('../app/lab-types.js').LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, context) {
  const update = mountStoryPart(id, root, context, skipWords);
  const words = need(root, '#addition-words', HTMLElement);
  /** @type {Course['first']|undefined} */
  let drawn;
  return (state) => {
    update(state);
    const course = state.lab?.pairs.skip?.residual ?? null;
    if (course?.first === drawn) return;
    drawn = course?.first;
    const at = additionNumbers(course);
    setText(words, at ? `Block ${at.block} in the first step: ‖∂L/∂sum‖ = ${figure(at.sum)} goes along x unchanged; with the part through F, ‖∂L/∂x‖ = ${figure(at.x)}.` : '\u00a0');
  };
}
