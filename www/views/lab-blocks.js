/**
 * Which blocks matter: the accuracy of both twins without each block, and each block's contribution to the residual one.
 *
 * @typedef {import('../app/lab-types.js').Course} Course
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 */

import { percent } from '../app/text/format.js';
import { deletionChart } from '../app/text/lab-charts.js';
import { deletionWords, ledgerSentence } from '../app/text/lab-words.js';
import { cosineText, ratioText } from '../app/text/ledger.js';
import { message } from '../app/text/messages.js';
import { bars } from './bars.js';
import { element, need, setText } from './dom.js';
import { trainingPart } from './lab-part.js';

export const id = 'matter';

/** @param {HTMLElement} root @param {LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, context) {
  const part = trainingPart(root, 'blocks', context, deletionWords);
  const chart = bars('Test accuracy without one block', 'lab-blocks', (error) => context.actions.say(`The file could not be made: ${message(error)}.`));
  const figures = need(root, '.figures', HTMLElement);
  const ledger = need(root, 'details.ledger', HTMLElement);
  const body = need(root, 'tbody', HTMLElement);
  const words = need(root, '.ledger-words', HTMLElement);
  /** @type {Course|null} */
  let drawn = null;
  figures.append(chart.element);
  chart.element.hidden = true;
  need(root, '.again', HTMLButtonElement).addEventListener('click', () => context.lab.again('blocks'));
  return ({ lab }) => {
    const pair = lab?.pairs.blocks;
    part(pair);
    const course = pair?.residual ?? null;
    if (!pair || course === drawn) return;
    drawn = course;
    const known = Boolean(course?.deleted ?? pair.plain?.deleted);
    chart.element.hidden = !known;
    ledger.hidden = !course?.ledger;
    if (known) chart.draw(deletionChart(pair));
    setText(words, ledgerSentence(course));
    body.replaceChildren(...(course?.ledger ?? []).map(({ block, ratio, cosine, clipped }) => element('tr', {}, [
      element('th', { scope: 'row' }, [String(block + 1)]),
      ...[ratioText(ratio), cosineText(cosine), clipped === null ? '–' : percent(clipped)].map((text) => element('td', {}, [text])),
    ])));
  };
}
