/**
 * A pair of runs as a file, with everything that is needed to repeat them (settings and seed), and their results.
 *
 * @typedef {import('../lab-types.js').Layers} Layers
 * @typedef {import('../lab-types.js').OneWeight} OneWeight
 * @typedef {import('../lab-types.js').Pair} Pair
 */

import { coursesOf, ONE_DIGIT } from './lab-charts.js';

const DATA = 'scikit-learn’s digits (the test part of UCI optdigits): 1,437 to train, 360 to test, not split by writer';

/** @param {Pair} pair @returns {string} JSON */
export function pairJson(pair) {
  const runs = coursesOf(pair).map(({ twin, steps, losses, first, last, result, deleted, ledger }) => {
    const { layers: _, settings, ...outcome } = result ?? { layers: null, settings: { ...pair.settings, skip: twin === 'residual' } };
    return { twin, settings, steps, outcome, losses, layers: { firstStep: plainLayers(first), lastStep: plainLayers(last) }, withoutBlock: deleted, ledger };
  });
  return text({ what: 'plain and residual networks, trained in the browser by reslens', data: DATA, alwaysOneDigit: ONE_DIGIT, runs });
}

/** @param {OneWeight} weight @returns {string} JSON */
export function weightJson({ layer, index, steps, losses }) {
  return text({ what: 'one weight, step by step', data: DATA, convolution: layer + 1, index, steps: steps.map((step, at) => ({ ...step, lossBefore: losses[at], lossAfter: losses[at + 1] })) });
}

/** Converts typed arrays for JSON. @param {Layers|null} layers */
function plainLayers(layers) {
  return layers && Object.fromEntries(Object.entries(layers).map(([name, values]) => [name, [...values]]));
}

/** Writes numbers that are not finite as words. @param {unknown} record */
function text(record) {
  const told = (/** @type {string} */ _, /** @type {unknown} */ value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
  return `${JSON.stringify(record, told, 2)}\n`;
}
