/** The same question to the bundled ResNet-18. @typedef {import('../app/lab-types.js').RealNetwork} RealNetwork */

import { realChart } from '../app/text/lab-charts.js';
import { realWords } from '../app/text/lab-words.js';
import { ledgerWords } from '../app/text/ledger.js';
import { message } from '../app/text/messages.js';
import { bars } from './bars.js';
import { element, need, setText } from './dom.js';
import { whenReached } from './lab-part.js';

export const id = 'real';

/** @param {HTMLElement} root @param {import('../app/lab-types.js').LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, { lab: runs, actions }) {
  const found = need(root, '.found', HTMLElement);
  const rows = need(root, '#real-ledger', HTMLElement);
  const chart = bars('Without F(x) of each block', 'lab-real', (error) => actions.say(`The file could not be made: ${message(error)}.`));
  /** @type {RealNetwork|null} */
  let drawn = null;
  chart.element.hidden = true;
  need(root, '.figures', HTMLElement).append(chart.element);
  whenReached(root, () => runs.reach('real'));
  return ({ lab }) => {
    const real = lab?.real ?? null;
    if (!real || real === drawn) return;
    const data = realChart(real);
    if (real.stats !== drawn?.stats) {
      rows.replaceChildren(...real.stats.map((stats, index) => element('li', {}, [`${stats.block}: ${ledgerWords(stats, real.model.blocks[index])}`])));
    }
    drawn = real;
    chart.element.hidden = !data;
    if (data) chart.draw(data);
    setText(found, realWords(real) || `${real.done} of ${real.model.blocks.length} blocks left out so far`);
  };
}
