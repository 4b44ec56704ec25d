/**
 * A part of the story that trains one pair of networks when it is reached, and again with another seed.
 *
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 * @typedef {import('../app/lab-types.js').Pair} Pair
 * @typedef {import('../app/types.js').Update} Update
 */

import { need } from './dom.js';
import { pairFigures } from './lab-figures.js';
import { trainingPart } from './lab-part.js';

/**
 * Mounts such a part.
 * @param {'vanish'|'skip'} name
 * @param {HTMLElement} root
 * @param {LabContext} context
 * @param {(pair: Pair) => string} words describes the result
 * @returns {Update}
 */
export function mountStoryPart(name, root, context, words) {
  const part = trainingPart(root, name, context, words);
  const figures = pairFigures(need(root, '.figures', HTMLElement), name, { moment: 'first', say: context.actions.say });
  need(root, '.again', HTMLButtonElement).addEventListener('click', () => context.lab.again(name));
  return ({ lab }) => {
    part(lab?.pairs[name]);
    figures(lab?.pairs[name]);
  };
}
