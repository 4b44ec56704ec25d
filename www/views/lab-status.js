/**
 * The lab's current activity.
 *
 * @typedef {import('../app/types.js').Update} Update
 */

import { need, setText } from './dom.js';

export const id = 'status';

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const line = need(root, '#backend > span', HTMLElement);
  const offline = need(root, '#offline', HTMLElement);
  return ({ lab, online, phase }) => {
    if (!lab) return;
    offline.hidden = online;
    const idle = phase === 'ready' ? 'ready' : phase === 'error' ? 'not running' : lab.loaded || 'loading';
    setText(line, lab.working && phase === 'ready' ? lab.working : idle);
  };
}
