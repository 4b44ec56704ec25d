/**
 * A sweep as rows: the class without each block's F(x) and without its shortcut, the most needed blocks first.
 *
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').Sweep} Sweep
 * @typedef {import('../types.js').SweepState} SweepState
 * @typedef {{probability: number, changed: {label: string, probability: number}|null}} Fate
 *   `changed`: the class that wins instead.
 * @typedef {{block: string, projection: boolean, residual: Fate, shortcut: Fate|null}} Row
 */

import { percent } from './format.js';

/**
 * Returns the rows by the probability without F(x), the smallest first.
 * @param {SweepState} state
 * @returns {Row[]}
 */
export function sweepRows({ residual, shortcut, model }) {
  if (!residual) return [];
  const rows = residual.blocks.map((swept, index) => ({
    block: swept.block,
    projection: model.blocks[index].shortcut === 'projection',
    residual: fate(swept, residual),
    shortcut: shortcut && fate(shortcut.blocks[index], shortcut),
  }));
  return rows.sort((a, b) => a.residual.probability - b.residual.probability);
}

/** "12.0 % → bowl 41.0 %" where another class wins. @param {Fate|null} fate */
export function fateText(fate) {
  if (!fate) return '…';
  const { probability, changed } = fate;
  return percent(probability) + (changed ? ` → ${changed.label} ${percent(changed.probability)}` : '');
}

/**
 * Describes the result of a sweep in a sentence or two.
 * @param {SweepState} state
 */
export function sweepWords(state) {
  const rows = sweepRows(state);
  if (!state.residual || rows.length === 0) return '';
  const { label, baseline } = state.residual;
  const changed = rows.filter(({ residual }) => residual.changed).length;
  const [most] = rows;
  const count = changed === 0 ? 'no single F(x) changes the first answer when it is left out'
    : `${changed} of ${rows.length} ${changed === 1 ? 'changes' : 'change'} the first answer when ${changed === 1 ? 'its' : 'their'} F(x) is left out`;
  return `${label}, ${percent(baseline.probability)} with all blocks: ${count}. ` +
    `It needs ${most.block} most: ${percent(most.residual.probability)} without it.`;
}

/** @param {Sweep['blocks'][number]} swept @param {Sweep} sweep @returns {Fate} */
function fate({ probability, top }, { index }) {
  return { probability, changed: top.index === index ? null : top };
}
