/**
 * What went wrong and what to do, or what changed by itself.
 *
 * @typedef {import('../page/types.js').Notice} Notice
 * @typedef {import('../page/types.js').State} State
 */

import { need, setText } from './dom.js';

export const id = 'notice';

/** @type {HTMLElement} */
let root;
/** @type {HTMLElement} */
let text;
/** @type {HTMLButtonElement} */
let action;
/** @type {Notice|null} */
let told = null;
/** What had the focus before a button here. @type {HTMLElement|null} */
let former = null;

/** @param {HTMLElement} place @param {import('../page/types.js').ViewContext} context */
export function mount(place, { actions }) {
  root = place;
  text = need(root, 'p', HTMLElement);
  action = need(root, '#notice-action', HTMLButtonElement);
  action.addEventListener('click', () => told?.action?.run());
  need(root, '#notice-close', HTMLButtonElement).addEventListener('click', () => actions.dismiss());
  root.addEventListener('focusin', ({ relatedTarget }) => {
    if (relatedTarget instanceof HTMLElement && !root.contains(relatedTarget)) former = relatedTarget;
  });
}

/** @param {State} state */
export function update({ notice }) {
  if (notice === told) return;
  told = notice;
  // Otherwise the focus would fall to the page, where keys do something else.
  if (!notice && root.contains(document.activeElement)) former?.focus();
  if (!notice) former = null;
  root.hidden = !notice;
  root.dataset.kind = notice?.kind ?? 'error';
  setText(text, notice?.text ?? '');
  action.hidden = !notice?.action;
  setText(action, notice?.action?.label ?? '');
}
