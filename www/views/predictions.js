/**
 * The five likeliest labels. Where blocks are left out, each bar carries a mark at what the whole
 * network says.
 *
 * @typedef {import('../page/types.js').Answer} Answer
 * @typedef {import('../page/types.js').State} State
 */

import { Announcer } from '../page/announcer.js';
import { percent, points } from '../page/format.js';
import { element, need, setText } from './dom.js';

export const id = 'answer';

const SHOWN = 5;

/** @typedef {{item: HTMLLIElement, label: HTMLElement, bar: HTMLElement, mark: HTMLElement, value: HTMLElement}} Row */

/** @type {HTMLElement} */
let root;
/** @type {HTMLElement} */
let verdict;
/** @type {HTMLOListElement} */
let list;
/** @type {Row[]} */
let rows = [];
/** @type {Answer|null} */
let drawn = null;
/** @type {Announcer} */
let announcer;

/** @param {HTMLElement} place */
export function mount(place) {
  root = place;
  verdict = need(root, '#verdict', HTMLElement);
  list = need(root, '#predictions', HTMLOListElement);
  const spoken = need(root, '#spoken', HTMLElement);
  announcer = new Announcer((text) => setText(spoken, text));
}

/** @param {State} state */
export function update({ answer, phase }) {
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

/**
 * @param {Row} row
 * @param {import('../page/types.js').Prediction} prediction
 * @param {import('../page/types.js').Prediction[]|null} full
 */
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
