/**
 * How the answer was computed: the backend and why, the times, and the progress of loading.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { megabytes, milliseconds, progressLine, progressShare } from '../app/text/format.js';
import { sentence } from '../app/text/messages.js';
import { need, setText } from './dom.js';

export const id = 'compute';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const timing = need(root, '#timing', HTMLElement);
  const progress = need(root, 'progress', HTMLProgressElement);
  const choice = need(root, '#run-on', HTMLSelectElement);
  const reason = need(root, '#reason', HTMLElement);
  const details = need(root, '#timing-details', HTMLElement);
  const steady = need(root, '#steady', HTMLInputElement);
  choice.addEventListener('change', () => actions.runOn(/** @type {'auto'} */ (choice.value)));
  steady.addEventListener('change', () => actions.configure({ steady: steady.checked }));

  return (state) => {
    const { answer, backend, loading, nextVisit, settings, wanted } = state;
    choice.value = wanted;
    steady.checked = settings.steady;
    const why = backend?.reason ? backend.reason + nextVisit : '';
    setText(reason, sentence(why));
    reason.title = why;
    showProgress(state);
    if (loading || !answer || !backend) return;
    const { inference, preprocess, readback, total } = answer.timings;
    setText(timing, `${milliseconds(inference)} network · ${milliseconds(preprocess)} preprocess`);
    setText(details, [
      `${milliseconds(readback)} ranking, ${milliseconds(total)} from the request to the answer`,
      `memory: ${megabytes(backend.memory.wasm)}\u00a0MB engine, ${megabytes(backend.memory.gpu)}\u00a0MB GPU`,
    ].join(' · '));
  };

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
}
