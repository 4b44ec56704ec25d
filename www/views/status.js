/**
 * What runs: backend, frames per second, model; and what went wrong.
 *
 * @typedef {import('../page/types.js').Backend} Backend
 * @typedef {import('../page/types.js').Model} Model
 * @typedef {import('../page/types.js').State} State
 */

import { architectureName, grouped, millions } from '../page/format.js';
import { isInterim, weightedLayers } from '../page/network.js';
import { need, setText } from './dom.js';

export const id = 'status';
export const title = 'Status';

/** @type {HTMLElement} */
let backendLine;
/** @type {HTMLElement} */
let rate;
/** @type {HTMLElement} */
let modelLine;
/** @type {HTMLElement} */
let reason;
/** @type {HTMLElement} */
let notice;
/** @type {HTMLButtonElement} */
let action;
/** @type {import('../page/types.js').Notice|null} */
let told = null;

/** @param {HTMLElement} root @param {import('../page/types.js').ViewContext} context */
export function mount(root, { actions }) {
  backendLine = need(root, '#backend', HTMLElement);
  rate = need(root, '#rate', HTMLElement);
  modelLine = need(document, '#model', HTMLElement);
  reason = need(document, '#reason', HTMLElement);
  notice = need(document, '#notice', HTMLElement);
  action = need(notice, '#notice-action', HTMLButtonElement);
  action.addEventListener('click', () => told?.action?.run());
  need(notice, '#notice-close', HTMLButtonElement).addEventListener('click', () => actions.dismiss());
}

/** @param {State} state */
export function update({ backend, fps, model, notice: news }) {
  setText(backendLine, backend ? backendName(backend) : 'loading');
  setText(reason, backend?.reason ?? '');
  setText(rate, fps === null ? '' : `${fps.toFixed(1)} fps`);
  if (model) setText(modelLine, modelName(model));
  if (news === told) return;
  told = news;
  notice.hidden = !news;
  setText(need(notice, 'p', HTMLElement), news?.text ?? '');
  action.hidden = !news?.action;
  setText(action, news?.action?.label ?? '');
}

export function dispose() {
  notice.hidden = true;
}

/** @param {Backend} backend */
function backendName({ kind, adapter, threads, simd }) {
  if (kind === 'webgpu') return ['WebGPU', adapter].filter(Boolean).join(' · ');
  return `CPU · ${threads} ${threads === 1 ? 'thread' : 'threads'} · ${simd}`;
}

/** @param {Model} model */
function modelName(model) {
  const { architecture, blocks, labels, parameters, inputSize, licence } = model;
  const name = architectureName(architecture);
  return [
    isInterim(model) ? `${name} (interim model)` : name,
    `${weightedLayers(blocks)} weighted layers`,
    `${grouped(labels.length)} labels`,
    `${millions(parameters)} parameters`,
    `input ${inputSize}×${inputSize}`,
    licence ? `weights: ${licence}` : 'weights: no licence given in the file',
  ].join(' · ');
}
