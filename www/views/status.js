/**
 * The status: backend, model, frames per second and latency.
 *
 * @typedef {import('../app/types.js').Model} Model
 * @typedef {import('../app/types.js').Update} Update
 */

import { architectureName, backendName, grouped, millions, paceWords } from '../app/text/format.js';
import { isInterim, weightedLayers } from '../app/text/network.js';
import { need, setText } from './dom.js';

export const id = 'status';

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const backendLine = need(root, '#backend > span', HTMLElement);
  const rate = need(root, '#rate', HTMLElement);
  const offline = need(root, '#offline', HTMLElement);
  const tagline = need(document, '.tagline', HTMLElement);
  const modelLine = need(document, '#model', HTMLElement);
  /** @type {Model|null} */
  let named = null;

  return ({ backend, pace, model, online, phase }) => {
    const name = backend ? backendName(backend) : phase === 'error' ? 'not running' : 'loading';
    setText(backendLine, name);
    backendLine.title = name;
    setText(rate, pace ? paceWords(pace) : '');
    offline.hidden = online;
    if (!model || model === named) return;
    named = model;
    setText(tagline, `${architectureName(model.architecture)} in your browser, ${tagline.dataset.about}`);
    setText(modelLine, modelName(model));
  };
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
