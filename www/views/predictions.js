/**
 * The five likeliest labels. Where blocks are left out, each bar carries a mark at the probability that
 * the whole network gives.
 *
 * @typedef {import('../app/types.js').Answer} Answer
 * @typedef {import('../app/types.js').Prediction} Prediction
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {{item: HTMLLIElement, label: HTMLElement, bar: HTMLElement, mark: HTMLElement, value: HTMLElement}} Row
 */

import { Announcer } from '../app/device/announcer.js';
import { percent, points } from '../app/text/format.js';
import { element, need, setText } from './dom.js';

export const id = 'answer';

const SHOWN = 5;

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const verdict = need(root, '#verdict', HTMLElement);
  const list = need(root, '#predictions', HTMLOListElement);
  const spoken = need(root, '#spoken', HTMLElement);
  const announcer = new Announcer((text) => setText(spoken, text));
  /** @type {Row[]} */
  let rows = [];
  /** @type {Answer|null} */
  let drawn = null;

  return ({ answer, phase }) => {
    if (!answer) return setText(verdict, phase === 'error' ? 'No answer yet' : '\u00a0');
    if (answer === drawn) return;
    drawn = answer;
    const top = answer.predictions.slice(0, SHOWN);
    if (rows.length !== top.length) {
      rows = top.map(makeRow);
      list.replaceChildren(...rows.map(({ item }) => item));
    }
    top.forEach((prediction, index) => showRow(rows[index], prediction, answer.full));
    list.classList.toggle('unsure', answer.abstained);
    list.classList.toggle('compared', answer.full !== null);
    const text = verdictOf(answer);
    setText(verdict, text);
    announcer.hear(`${answer.abstained}${top[0].label}`, answer.abstained ? text : `${top[0].label}, ${percent(top[0].probability)}`);
  };
}

/** @returns {Row} */
function makeRow() {
  const label = element('span', { class: 'label' });
  const bar = element('span', { class: 'bar' });
  const mark = element('span', { class: 'mark' });
  const value = element('span', { class: 'value' });
  const item = element('li', {}, [label, element('span', { class: 'track' }, [bar, mark]), value]);
  return { item, label, bar, mark, value };
}

/** @param {Row} row @param {Prediction} prediction @param {Prediction[]|null} full */
function showRow(row, { index, label, probability }, full) {
  row.item.dataset.label = label;
  row.item.dataset.probability = String(probability);
  setText(row.label, label);
  row.bar.style.transform = `scaleX(${probability})`;
  const whole = full?.find((other) => other.index === index)?.probability;
  row.mark.hidden = whole === undefined;
  if (whole !== undefined) row.mark.style.left = `${100 * whole}%`;
  const change = whole === undefined ? '' : ` (${points(probability - whole)})`;
  setText(row.value, percent(probability) + change);
}

/** @param {Answer} answer */
function verdictOf({ predictions: [top], abstained, ablated, full }) {
  const guess = abstained ? `not sure: best guess ${top.label}, ${percent(top.probability)}` : top.label;
  if (!full) return guess;
  const without = `without F(x) of ${ablated.join(', ')}: ${guess}`;
  return `${without}; with all blocks: ${full[0].label}, ${percent(full[0].probability)}`;
}
