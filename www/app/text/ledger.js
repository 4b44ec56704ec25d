/**
 * The contribution of each path of a block, in words and as lengths of bars: root mean squares of x and F(x), their
 * ratio, the cosine between them, and the share of the sum that ReLU sets to 0.
 *
 * @typedef {import('../types.js').Block} Block
 * @typedef {import('../types.js').BlockStats} BlockStats
 */

import { figure, percent } from './format.js';
import { partLabel } from './network.js';

/** Cosines nearer to 0 than this count as orthogonal. */
const RIGHT_ANGLE = 0.1;

/** The scale that the bars of all blocks share: the largest root mean square. @param {readonly BlockStats[]} stats */
export function ledgerScale(stats) {
  return Math.max(0, ...stats.flatMap(({ shortcut, residual }) => [shortcut, residual]));
}

/** A ratio with two decimals, "0.49×"; "–" where a path is left out. @param {number|null} ratio */
export function ratioText(ratio) {
  return ratio === null ? '–' : `${ratioFigure(ratio)}×`;
}

/** A cosine with its sign and two decimals; "–" where a path is left out. @param {number|null} cosine */
export function cosineText(cosine) {
  if (cosine === null) return '–';
  const text = Math.abs(cosine).toFixed(2);
  return cosine < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * Returns a block's ledger as a sentence: "F(x) has 0.49 times the size of x and works against it (cosine −0.31); ReLU sets
 * 42.0 % of the sum to 0."
 * @param {BlockStats} stats
 * @param {Block} block
 */
export function ledgerWords(stats, block) {
  return `${pathWords(stats, partLabel(block, 'shortcut'))}; ReLU sets ${percent(stats.clipped)} of the sum to 0.`;
}

/** @param {BlockStats} stats @param {string} x the name of the shortcut's part */
function pathWords({ shortcut, residual, ratio, cosine }, x) {
  if (ratio === null && residual === 0 && shortcut > 0) return `F(x) is left out, and the sum is ${x} alone`;
  if (ratio === null && shortcut === 0 && residual > 0) return `The shortcut is left out, and the sum is F(x) alone`;
  if (ratio === null || cosine === null) return `F(x) or ${x} is 0 everywhere`;
  return `F(x) has ${ratioFigure(ratio)} times the size of ${x} and ${agreement(cosine)} (cosine ${cosineText(cosine)})`;
}

/** Two decimals, or more digits where they would be zeros. @param {number} ratio */
function ratioFigure(ratio) {
  return ratio === 0 || ratio >= 0.01 ? ratio.toFixed(2) : figure(ratio);
}

/** @param {number} cosine */
function agreement(cosine) {
  if (Math.abs(cosine) < RIGHT_ANGLE) return 'is nearly orthogonal to it';
  return cosine > 0 ? 'works with it' : 'works against it';
}
