/**
 * Exports: the ledger and the sweep as CSV and JSON, maps and picture as PNG, and a link that
 * shows the same block, map, cuts and model again.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { save } from '../app/device/download.js';
import { linkOf } from '../app/text/linked-view.js';
import { message } from '../app/text/messages.js';
import { ledgerCsv, ledgerJson, sweepCsv, sweepJson } from '../app/text/records.js';
import { need, setText } from './dom.js';
import { drawMaps, drawStage } from './png.js';

export const id = 'take-away';

/** How long the button says that the link was copied, in ms. */
const COPIED_MS = 2000;

/** @typedef {(state: State) => Blob|Promise<Blob>} Make */
/** @type {Record<string, {name: string, make: Make}>} */
const FILES = {
  'save-ledger-csv': { name: 'ledger.csv', make: ({ answer }) => csv(ledgerCsv(answer?.stats ?? [])) },
  'save-ledger-json': { name: 'ledger.json', make: (state) => json(ledgerJson(state)) },
  'save-sweep-csv': { name: 'sweep.csv', make: ({ sweep }) => csv(sweep ? sweepCsv(sweep) : '') },
  'save-sweep-json': { name: 'sweep.json', make: ({ sweep }) => json(sweep ? sweepJson(sweep) : '') },
  'save-maps-png': { name: 'maps.png', make: (state) => png(drawMaps(state)) },
  'save-stage-png': { name: 'picture.png', make: (state) => png(drawStage(state)) },
};

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const link = need(root, '#view-link', HTMLAnchorElement);
  const copy = need(root, '#copy-link', HTMLButtonElement);
  const note = need(root, '#link-note', HTMLElement);
  const buttons = Object.keys(FILES).map((button) => need(root, `#${button}`, HTMLButtonElement));
  /** @type {State|null} */
  let last = null;

  for (const button of buttons) {
    const { name, make } = FILES[button.id];
    button.addEventListener('click', async () => {
      try {
        if (last) save(await make(last), `reslens-${name}`);
      } catch (error) {
        actions.say(`The file could not be made: ${message(error)}.`);
      }
    });
  }
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      return setText(note, 'The browser did not allow copying: copy the link itself.');
    }
    setText(copy, 'Copied');
    setTimeout(() => setText(copy, 'Copy link'), COPIED_MS);
  });

  return (state) => {
    last = state;
    for (const button of buttons) {
      const swept = state.sweep !== null && !state.sweep.running;
      button.disabled = !state.answer || (button.id.startsWith('save-sweep') && !swept);
    }
    link.href = linkOf(state, location.href);
    setText(note, state.modelUrl === undefined ? 'The model is your own file: the link opens the bundled one.' : '');
  };
}

/** @param {string} text */
const csv = (text) => new Blob([text], { type: 'text/csv' });

/** @param {string} text */
const json = (text) => new Blob([text], { type: 'application/json' });

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function png(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('not enough memory for the picture'))), 'image/png');
  });
}
