/**
 * One weight, step by step: W ← W − η·∂L/∂W in numbers.
 *
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 * @typedef {import('../app/lab-types.js').OneWeight} OneWeight
 */

import { save } from '../app/device/download.js';
import { figure } from '../app/text/format.js';
import { weightJson } from '../app/text/lab-record.js';
import { long, weightWords } from '../app/text/lab-words.js';
import { element, need, setText } from './dom.js';
import { whenReached } from './lab-part.js';

export const id = 'weight';

/** @param {HTMLElement} root @param {LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, { lab }) {
  const next = need(root, '#next-step', HTMLButtonElement);
  const layer = need(root, '#weight-layer', HTMLSelectElement);
  const take = need(root, '.take', HTMLButtonElement);
  const found = need(root, '.found', HTMLElement);
  const body = need(root, 'tbody', HTMLElement);
  /** @type {OneWeight|null} */
  let last = null;
  whenReached(root, () => lab.reach('weight'));
  next.addEventListener('click', () => lab.step());
  layer.addEventListener('change', () => lab.follow(Number(layer.value)));
  take.addEventListener('click', () => {
    if (last) save(new Blob([weightJson(last)], { type: 'application/json' }), 'reslens-lab-weight.json');
  });
  return (state) => {
    const weight = state.lab?.weight ?? null;
    if (!weight || weight === last) return;
    last = weight;
    const { steps, ended } = weight;
    next.disabled = ended || steps.length === 0;
    take.disabled = steps.length === 0;
    layer.value = String(weight.layer);
    const { losses } = weight;
    const at = steps.length - 1;
    setText(found, at < 0 ? '\u00a0' : weightWords(steps[at], losses[at], losses[at + 1]));
    body.replaceChildren(...steps.map((step, at) => row(step, losses[at], losses[at + 1])));
  };
}

/** @param {import('../app/lab-types.js').Followed} step @param {number} lossBefore @param {number} lossAfter */
function row({ step, before, gradient, rate, after }, lossBefore, lossAfter) {
  const cells = [long(before), long(gradient), figure(rate), long(after), lossBefore.toFixed(4), lossAfter.toFixed(4)];
  return element('tr', {}, [element('th', { scope: 'row' }, [String(step)]), ...cells.map((text) => element('td', {}, [text]))]);
}
