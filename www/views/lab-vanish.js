/** The plain network whose gradient vanishes. */

import { vanishWords } from '../app/text/lab-words.js';
import { mountStoryPart } from './lab-story-part.js';

export const id = 'vanish';

/** @param {HTMLElement} root @param {import('../app/lab-types.js').LabContext} context */
export const mount = (root, context) => mountStoryPart(id, root, context, ({ plain }) => (plain ? vanishWords(plain) : ''));
