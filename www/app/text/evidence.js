/**
 * The evidence for a class: the cells' shares of its logit as colours, and the sum in numbers.
 *
 * @typedef {import('../types.js').Cam} Cam
 * @typedef {import('../types.js').CellMap} CellMap
 */

import { SIGNED, STEPS } from './colors.js';

/** The parts of an evidence map, in the order in which the page offers them. */
export const EVIDENCE_PARTS = /** @type {const} */ (['shortcut', 'residual', 'total']);

/** Alpha of cells at 0 and at the ends of the scale, of 255: the picture stays visible. */
const FAINT = 20;
const STRONG = 225;

/** The end of the scale that the three maps of a class share, which is symmetric around 0. @param {Cam} cam */
export function evidenceBound(cam) {
  return Math.max(...EVIDENCE_PARTS.flatMap((part) => [Math.abs(cam[part].min), Math.abs(cam[part].max)]));
}

/**
 * Writes the colours of a map: blue against the class, red for it, more opaque where there is more.
 * @param {CellMap} map
 * @param {number} bound the end of the scale
 * @param {Uint8ClampedArray} rgba the output: 4 bytes per cell
 */
export function paintEvidence({ data }, bound, rgba) {
  data.forEach((value, cell) => {
    const share = bound > 0 ? Math.min(1, Math.max(-1, value / bound)) : 0;
    const entry = 3 * Math.round(((share + 1) / 2) * (STEPS - 1));
    rgba.set(SIGNED.subarray(entry, entry + 3), 4 * cell);
    rgba[4 * cell + 3] = FAINT + Math.abs(share) * (STRONG - FAINT);
  });
}

/** All cells of a map together. @param {CellMap} map */
export function total({ data }) {
  return data.reduce((sum, value) => sum + value, 0);
}

/**
 * "18.4 = 0.2 bias + 6.1 over the shortcut + 12.1 from F(x)". The terms are rounded so that they add up as written.
 * @param {Cam} cam
 */
export function sumWords(cam) {
  const terms = [cam.bias, total(cam.shortcut), total(cam.residual)];
  const [whole, ...parts] = roundedSum(terms, 1);
  const [bias, shortcut, residual] = parts;
  return `${signed(whole)} = ${signed(bias)} bias ${added(shortcut)} over the shortcut ${added(residual)} from F(x)`;
}

/**
 * Rounds terms and their sum so that the rounded terms add up to the rounded sum: what is missing goes to the terms
 * that rounding changed most (largest remainder).
 * @param {number[]} terms
 * @param {number} decimals
 * @returns {number[]} the sum, then the terms
 */
export function roundedSum(terms, decimals) {
  const unit = 10 ** decimals;
  const scaled = terms.map((term) => term * unit);
  const whole = Math.round(scaled.reduce((sum, term) => sum + term, 0));
  const floors = scaled.map(Math.floor);
  const missing = whole - floors.reduce((sum, term) => sum + term, 0);
  const byRemainder = scaled.map((_, index) => index).sort((a, b) => scaled[b] - floors[b] - (scaled[a] - floors[a]));
  for (const index of byRemainder.slice(0, missing)) floors[index] += 1;
  return [whole, ...floors].map((value) => value / unit);
}

/** @param {number} value */
function signed(value) {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}`;
}

/** A term after others. @param {number} value */
function added(value) {
  return `${value < 0 ? '−' : '+'} ${Math.abs(value).toFixed(1)}`;
}
