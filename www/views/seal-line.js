/**
 * That the page is sealed, and what it has asked for since.
 *
 * @typedef {import('../app/types.js').Update} Update
 */

import { ledgerWords } from '../app/text/stored.js';
import { need, setText } from './dom.js';

export const id = 'seal-line';

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const tagline = need(document, '.tagline', HTMLElement);
  return ({ service }) => {
    root.hidden = !service?.sealed;
    // It takes the tagline's place: nothing moves.
    tagline.hidden = !root.hidden;
    if (service) setText(root, `Sealed. ${ledgerWords(service)}`);
  };
}
