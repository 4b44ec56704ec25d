/**
 * The notice that the page is sealed, with its requests since.
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
    // It replaces the tagline, so nothing moves.
    tagline.hidden = !root.hidden;
    if (service) setText(root, `Sealed. ${ledgerWords(service)}`);
  };
}
