/**
 * What runs: backend, model, frames per second and their latency.
 *
 * @typedef {import('../page/types.js').Model} Model
 * @typedef {import('../page/types.js').State} State
 */

import { architectureName, backendName, grouped, millions, paceWords } from '../page/format.js';
import { isInterim, weightedLayers } from '../page/network.js';
import { need, setText } from './dom.js';

export const id = 'status';

/** @type {HTMLElement} */
let backendLine;
/** @type {HTMLElement} */
let rate;
/** @type {HTMLElement} */
let offline;
/** @type {HTMLElement} */
let tagline;
/** @type {HTMLElement} */
let modelLine;
/** @type {Model|null} */
let told = null;

/** @param {HTMLElement} root */
export function mount(root) {
  backendLine = need(root, '#backend > span', HTMLElement);
  rate = need(root, '#rate', HTMLElement);
  offline = need(root, '#offline', HTMLElement);
  tagline = need(document, '.tagline', HTMLElement);
  modelLine = need(document, '#model', HTMLElement);
}

/** @param {State} state */
export function update({ backend, pace, model, online, phase }) {
  const name = backend ? backendName(backend) : phase === 'error' ? 'not running' : 'loading';
  setText(backendLine, name);
  backendLine.title = name;
  setText(rate, pace ? paceWords(pace) : '');
  offline.hidden = online;
  if (!model || model === told) return;
  told = model;
  setText(tagline, `${architectureName(model.architecture)} in your browser, and what each residual adds`);
  setText(modelLine, modelName(model));
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
