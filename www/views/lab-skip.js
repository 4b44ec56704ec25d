/** The same network with and without x + F(x). */

import { skipWords } from '../app/text/lab-words.js';
import { mountStoryPart } from './lab-story-part.js';

export const id = 'skip';

/** @param {HTMLElement} root @param {import('../app/lab-types.js').LabContext} context */
export const mount = (root, context) => mountStoryPart(id, root, context, skipWords);
