/**
 * Notices: what went wrong and what to do, or what changed by itself.
 *
 * @typedef {import('../app/types.js').Notice} Notice
 * @typedef {import('../app/types.js').Update} Update
 */

import { need, setText } from './dom.js';

export const id = 'notice';

/** @param {HTMLElement} root @param {{actions: Pick<import('../app/types.js').Actions, 'dismiss'>}} context @returns {Update} */
export function mount(root, { actions }) {
  const text = need(root, 'p', HTMLElement);
  const action = need(root, '#notice-action', HTMLButtonElement);
  /** @type {Notice|null} */
  let shown = null;
  /** The element that had the focus before a button here. @type {HTMLElement|null} */
  let former = null;

  action.addEventListener('click', () => shown?.action?.run());
  need(root, '#notice-close', HTMLButtonElement).addEventListener('click', () => actions.dismiss());
  root.addEventListener('focusin', ({ relatedTarget }) => {
    if (relatedTarget instanceof HTMLElement && !root.contains(relatedTarget)) former = relatedTarget;
  });

  return ({ notice }) => {
    if (notice === shown) return;
    shown = notice;
    // Otherwise the focus would move to the page, where keys do something else.
    if (!notice && root.contains(document.activeElement)) former?.focus();
    if (!notice) former = null;
    root.hidden = !notice;
    root.dataset.kind = notice?.kind ?? 'error';
    setText(text, notice?.text ?? '');
    action.hidden = !notice?.action;
    setText(action, notice?.action?.label ?? '');
  };
}
