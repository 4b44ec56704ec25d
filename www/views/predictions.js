/**
 * The five likeliest labels; pressing one shows the evidence for it. If paths are left out, each bar
 * has a mark at the whole network's probability.
 *
 * @typedef {import('../app/types.js').Answer} Answer
 * @typedef {import('../app/types.js').Prediction} Prediction
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {{item: HTMLLIElement, index: number, label: HTMLElement, bar: HTMLElement,
 *   mark: HTMLElement, value: HTMLElement}} Row
 */

import { Announcer } from '../app/device/announcer.js';
import { cutWords } from '../app/text/cuts.js';
import { percent, points } from '../app/text/format.js';
import { element, need, setText } from './dom.js';

export const id = 'answer';

const SHOWN = 5;

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const verdict = need(root, '#verdict', HTMLElement);
  const list = need(root, '#predictions', HTMLOListElement);
  // There is no evidence for taught classes.
  const why = /** @type {HTMLButtonElement|null} */ (root.querySelector('#why'));
  const spoken = need(root, '#spoken', HTMLElement);
  const announcer = new Announcer((text) => setText(spoken, text));
  /** @type {Row[]} */
  let rows = [];
  /** @type {Answer|null} */
  let drawn = null;
  /** @type {State['evidence']} */
  let evidence = null;

  why?.addEventListener('click', () => toggle(null));

  return (state) => {
    const { answer, phase } = state;
    if (why) why.disabled = !answer;
    if (state.evidence !== evidence) {
      evidence = state.evidence;
      markChosen();
    }
    if (!answer) return setText(verdict, phase === 'error' ? 'No answer yet' : '\u00a0');
    if (answer === drawn) return;
    drawn = answer;
    const top = answer.predictions.slice(0, SHOWN);
    if (rows.length !== top.length) {
      rows = top.map(() => makeRow(why ? toggle : null));
      list.replaceChildren(...rows.map(({ item }) => item));
    }
    top.forEach((prediction, index) => showRow(rows[index], prediction, answer.full));
    markChosen();
    list.classList.toggle('unsure', answer.abstained);
    list.classList.toggle('compared', answer.full !== null);
    const text = verdictOf(answer);
    setText(verdict, text);
    announcer.hear(`${answer.abstained}${top[0].label}`, answer.abstained ? text : `${top[0].label}, ${percent(top[0].probability)}`);
  };

  /** Shows the evidence for a class (null: the likeliest one), or hides it. @param {number|null} index */
  function toggle(index) {
    const hide = evidence !== null && (index === null || evidence.index === index);
    actions.showEvidence(hide ? null : { index, part: evidence?.part ?? 'total' });
  }

  function markChosen() {
    why?.setAttribute('aria-pressed', String(evidence !== null));
    if (why) for (const { label, index } of rows) label.setAttribute('aria-pressed', String(evidence?.index === index));
  }
}

/**
 * @param {((index: number) => void)|null} choose called with the index of the pressed label; null: labels
 *   to press
 * @returns {Row}
 */
function makeRow(choose) {
  const label = choose ? element('button', { type: 'button', class: 'label', 'aria-pressed': 'false' }) : element('span', { class: 'label' });
  const bar = element('span', { class: 'bar' });
  const mark = element('span', { class: 'mark' });
  const value = element('span', { class: 'value' });
  const item = element('li', {}, [label, element('span', { class: 'track' }, [bar, mark]), value]);
  const row = { item, index: -1, label, bar, mark, value };
  if (choose) label.addEventListener('click', () => choose(row.index));
  return row;
}

/** @param {Row} row @param {Prediction} prediction @param {Prediction[]|null} full */
function showRow(row, { index, label, probability }, full) {
  row.item.dataset.label = label;
  row.item.dataset.probability = String(probability);
  row.index = index;
  setText(row.label, label);
  row.label.title = row.label.tagName === 'BUTTON' ? `Where is the evidence for ${label}?` : label;
  row.bar.style.transform = `scaleX(${probability})`;
  const whole = full?.find((other) => other.index === index)?.probability;
  row.mark.hidden = whole === undefined;
  if (whole !== undefined) row.mark.style.left = `${100 * whole}%`;
  const change = whole === undefined ? '' : ` (${points(probability - whole)})`;
  setText(row.value, percent(probability) + change);
}

/** @param {Answer} answer */
function verdictOf({ predictions: [top], abstained, ablated, full, own }) {
  if (abstained && own) return 'none of these';
  const guess = abstained ? `not sure: best guess ${top.label}, ${percent(top.probability)}` : top.label;
  if (!full) return guess;
  const without = `without ${cutWords(ablated)}: ${guess}`;
  return `${without}; with all blocks: ${full[0].label}, ${percent(full[0].probability)}`;
}
