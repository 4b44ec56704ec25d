/**
 * How the answer came about: what it ran on and why, how long it took, how far loading is.
 *
 * @typedef {import('../page/types.js').State} State
 */

import { megabytes, milliseconds, progressLine, progressShare } from '../page/format.js';
import { sentence } from '../page/words.js';
import { need, setText } from './dom.js';

export const id = 'compute';

/** @type {HTMLElement} */
let timing;
/** @type {HTMLProgressElement} */
let progress;
/** @type {HTMLSelectElement} */
let choice;
/** @type {HTMLElement} */
let reason;
/** @type {HTMLElement} */
let details;
/** @type {HTMLInputElement} */
let steady;

/** @param {HTMLElement} root @param {import('../page/types.js').ViewContext} context */
export function mount(root, { actions }) {
  timing = need(root, '#timing', HTMLElement);
  progress = need(root, 'progress', HTMLProgressElement);
  choice = need(root, '#run-on', HTMLSelectElement);
  reason = need(root, '#reason', HTMLElement);
  details = need(root, '#timing-details', HTMLElement);
  steady = need(root, '#steady', HTMLInputElement);
  choice.addEventListener('change', () => actions.runOn(/** @type {'auto'} */ (choice.value)));
  steady.addEventListener('change', () => actions.configure({ steady: steady.checked }));
}

/** @param {State} state */
export function update(state) {
  const { answer, backend, loading, settings, wanted } = state;
  choice.value = wanted;
  steady.checked = settings.steady;
  setText(reason, backend?.reason ? sentence(backend.reason) : '');
  reason.title = backend?.reason ?? '';
  showProgress(state);
  if (loading || !answer || !backend) return;
  const { inference, preprocess, readback, total } = answer.timings;
  setText(timing, `${milliseconds(inference)} network · ${milliseconds(preprocess)} preprocess`);
  setText(details, [
    `${milliseconds(readback)} ranking, ${milliseconds(total)} from the request to the answer`,
    `memory: ${megabytes(backend.memory.wasm)}\u00a0MB engine, ${megabytes(backend.memory.gpu)}\u00a0MB GPU`,
  ].join(' · '));
}

/** @param {State} state */
function showProgress({ loading, phase, progress: steps, model }) {
  progress.classList.toggle('idle', !loading);
  if (!loading) {
    if (!model) setText(timing, phase === 'error' ? 'not loaded' : 'starting');
    return;
  }
  const share = progressShare(steps.values());
  if (share === null) progress.removeAttribute('value');
  else progress.value = share;
  setText(timing, progressLine(steps.values()) || 'starting');
}
