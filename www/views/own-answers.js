/**
 * Whose classes answer: the visitor's, or the model's own.
 *
 * @typedef {import('../app/types.js').Update} Update
 */

import { need, setText } from './dom.js';

export const id = 'whose';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { teaching }) {
  const yours = need(root, '#whose-yours', HTMLInputElement);
  const models = need(root, '#whose-models', HTMLInputElement);
  const name = need(root, '#whose-models-name', HTMLElement);
  yours.addEventListener('change', () => teaching?.choose(true));
  models.addEventListener('change', () => teaching?.choose(false));

  return ({ model, teaching: state }) => {
    const own = state?.yours === true && state.learnt !== null;
    yours.disabled = !state?.learnt;
    yours.checked = own;
    models.checked = !own;
    if (model) setText(name, `the ${model.labels.length}`);
  };
}
