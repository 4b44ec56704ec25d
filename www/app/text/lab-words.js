/**
 * The sentence that each part of the lab ends in, with the numbers of its run. Its claims are limited to what was
 * measured: these networks, with this initialisation and these rates.
 *
 * @typedef {import('../lab-types.js').Course} Course
 * @typedef {import('../lab-types.js').DepthRow} DepthRow
 * @typedef {import('../lab-types.js').Followed} Followed
 * @typedef {import('../lab-types.js').Pair} Pair
 * @typedef {import('../lab-types.js').RealNetwork} RealNetwork
 */

import { figure, grouped, percent } from './format.js';
import { coursesOf, growth, NAMES, ONE_DIGIT } from './lab-charts.js';

/** A layer hardly takes part in training if the share of its changed weights is below this. */
const HARDLY = 0.05;

/** Plain networks with batch norm from this depth on are chaotic in 32 bits: only orders of magnitude are reported. */
const CHAOTIC = 34;

/** The convolutions from the input on whose weights hardly changed, and their weights. @param {Course} course */
export function unchanged({ last }) {
  if (!last) return { layers: 0, changed: 0, weights: 0 };
  const moving = last.changed.findIndex((share) => share >= HARDLY);
  const layers = moving < 0 ? last.changed.length : moving;
  const counts = [...last.changed.subarray(0, layers)].map((share, index) => Math.round(share * last.weights[index]));
  const sum = (/** @type {Iterable<number>} */ values) => [...values].reduce((total, value) => total + value, 0);
  return { layers, changed: sum(counts), weights: sum(last.weights.subarray(0, layers)) };
}

/** "5.8 % of the test digits, no better than a constant answer". @param {number|null|undefined} accuracy */
export function accuracyWords(accuracy) {
  if (accuracy === null || accuracy === undefined) return 'an unknown share of the test digits (it was stopped)';
  return `${percent(accuracy)} of the test digits${accuracy <= ONE_DIGIT.most ? ', no better than a constant answer' : ''}`;
}

/** Returns a size of which only the order of magnitude is meaningful: "about 10⁹". @param {number} value */
export function magnitude(value) {
  if (!Number.isFinite(value) || value <= 0) return 'no finite number';
  return `about 10${[...String(Math.round(Math.log10(value)))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '⁻').join('')}`;
}

/**
 * Describes the change of one weight in a step, and that of the loss by all of them.
 * @param {Followed} followed
 * @param {number} lossBefore of all test digits
 * @param {number} lossAfter
 */
export function weightWords({ step, before, gradient, rate, after, decay, momentum }, lossBefore, lossAfter) {
  const plus = momentum !== 0 || decay !== 0 ? ` (with ${figure(momentum)} of earlier steps and ${figure(decay)} of weight decay added to the gradient)` : '';
  return `Step ${step}: ${long(before)} − ${figure(rate)} × (${long(gradient)}) = ${long(after)}${plus}; all weights moved like this one, and the loss of ` +
    `the 360 test digits went from ${lossBefore.toFixed(4)} to ${lossAfter.toFixed(4)}.`;
}

/** A number with enough digits to see a small step. @param {number} value */
export function long(value) {
  const text = Math.abs(value) >= 1e-4 || value === 0 ? Math.abs(value).toFixed(6) : Math.abs(value).toExponential(3);
  return value < 0 ? `−${text}` : text;
}

/** Describes the plain network with sigmoid. @param {Course} course with a result */
export function vanishWords(course) {
  const { first, result } = course;
  if (!first || !result) return '';
  const { layers, changed, weights } = unchanged(course);
  const still = layers > 0
    ? `${grouped(changed)} of the ${grouped(weights)} weights of ${convolutions(layers)} changed`
    : 'every convolution’s weights have moved';
  return `After ${result.step} steps ${still}: the gradient of the first step was ${figure(first.gradient[first.gradient.length - 1])} in the last convolution and ` +
    `${tiny(first.gradient[0])} in the first one. It recognises ${accuracyWords(result.testAccuracy)}.`;
}

/** @param {number} count */
const convolutions = (count) => (count === 1 ? 'convolution 1' : `convolutions 1 to ${count}`);

/** @param {number} value */
const tiny = (value) => (value < 1e-38 ? 'below 1e-38' : figure(value));

/** Describes both twins with sigmoid. @param {Pair} pair */
export function skipWords({ plain, residual }) {
  if (!plain?.result || !residual?.result || !plain.first || !residual.first) return '';
  const { layers } = unchanged(residual);
  const moved = layers === 0 ? 'and all its convolutions have moved' : `and ${convolutions(layers)} have hardly moved`;
  return `Same seed, same weights, same batches: with the shortcuts it recognises ${accuracyWords(residual.result.testAccuracy)}, ${moved}; without them ` +
    `${accuracyWords(plain.result.testAccuracy)}. The first step’s gradient in convolution 1 is ${tiny(residual.first.gradient[0])} in place of ${tiny(plain.first.gradient[0])}.`;
}

/**
 * Returns the gradient around the addition of the middle block, in the first step: the part that arrives at the sum,
 * which reaches x unchanged, and the total of both paths. For a network without an activation after its additions.
 * @param {Course|null} course of x + F(x)
 */
export function additionNumbers(course) {
  const backward = course?.first?.backward;
  if (!backward || backward.length < 3) return null;
  // Block k's convolutions are 2k − 1 and 2k; its input is the output of convolution 2k − 2.
  const block = Math.ceil((backward.length - 1) / 4);
  return { block, sum: backward[2 * block], x: backward[2 * block - 2] };
}

/** Returns the gradient's growth toward the input, with as many digits as are meaningful. @param {number|null} ratio @param {boolean} chaotic */
export function growthText(ratio, chaotic) {
  if (ratio === null) return '–';
  if (!Number.isFinite(ratio)) return 'not finite';
  if (chaotic) return magnitude(ratio);
  return ratio >= 10 ? grouped(Math.round(ratio)) : figure(ratio);
}

/** @param {Pick<DepthRow, 'depth'|'growth'>} row @param {import('../lab-types.js').Twin} twin */
export const growthOf = ({ depth, growth }, twin) => growthText(growth[twin], twin === 'plain' && depth >= CHAOTIC);

/** Describes both twins with batch norm, at one depth. @param {Pair} pair */
export function paperWords({ settings, plain, residual }) {
  if (!plain?.result || !residual?.result) return '';
  const depth = plain.result.settings.depth ?? settings.depth ?? 0;
  const row = { depth, growth: { plain: growth(plain.first), residual: growth(residual.first) } };
  return `${depth} layers: plain recognises ${accuracyWords(plain.result.testAccuracy)}, its twin with x + F(x) ${accuracyWords(residual.result.testAccuracy)}. ` +
    `In the first step the gradient of convolution 1 is ${growthOf(row, 'plain')} times that of the last one in the plain network, and ${growthOf(row, 'residual')} times in its twin.`;
}

/** Describes the accuracy without one block. @param {Pair} pair */
export function deletionWords(pair) {
  const parts = coursesOf(pair).flatMap(({ twin, deleted, result }) => {
    if (!deleted?.length || !result) return [];
    const sorted = deleted.map(({ testAccuracy }) => testAccuracy).sort((a, b) => a - b);
    const [low, high] = [sorted[0], sorted[sorted.length - 1]];
    const worst = deleted.findIndex(({ testAccuracy }) => testAccuracy === low) + 1;
    return [`${NAMES[twin]} goes from ${percent(result.testAccuracy ?? 0)} to between ${percent(low)} (without block ${worst}) and ${percent(high)}, median ${percent(sorted[sorted.length >> 1])}`];
  });
  return parts.length === 0 ? '' : `With any one of its ${pair.plain?.deleted?.length ?? pair.residual?.deleted?.length} blocks left out, ${parts.join('; ')}.`;
}

/** Describes the size of F(x) relative to x in the residual twin. @param {Course|null} course */
export function ledgerSentence(course) {
  const rows = (course?.ledger ?? []).filter(({ ratio }) => ratio !== null);
  if (rows.length === 0) return '';
  const ratios = rows.map(({ ratio }) => Number(ratio));
  return `F(x) has ${figure(ratios[0])} times the size of x in block 1 and ${figure(ratios[ratios.length - 1])} times in block ${ratios.length}; ` +
    `the smallest is ${figure(Math.min(...ratios))}, the largest ${figure(Math.max(...ratios))}.`;
}

/** Describes the real network. @param {RealNetwork} real */
export function realWords({ sweep, stats }) {
  if (!sweep) return '';
  const { blocks, baseline, label } = sweep;
  const lowest = blocks.reduce((least, block) => (block.probability < least.probability ? block : least));
  const changed = blocks.filter(({ top }) => top.index !== sweep.index);
  const ratios = stats.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
  return `ResNet-18 says ${label} with ${percent(baseline.probability)}; without F(x) of ${lowest.block}, which it needs most, ${percent(lowest.probability)}. ` +
    `Another class wins without ${changed.length} of its ${blocks.length} blocks. F(x) has ${figure(Math.min(...ratios))} to ${figure(Math.max(...ratios))} times the size of x.`;
}

/** Describes the result of free play. @param {Pair} pair */
export function freeWords(pair) {
  const parts = coursesOf(pair).flatMap(({ twin, result }) => {
    if (!result) return [];
    const finite = Number.isFinite(result.lastLoss) ? `the loss went from ${figure(result.firstLoss)} to ${figure(result.lastLoss)}` : 'the loss is no longer finite: it exploded';
    return [`${NAMES[twin]} recognises ${accuracyWords(result.testAccuracy)}, after ${result.step} steps; ${finite}`];
  });
  return parts.length === 0 ? '' : `${parts.join('. ')}.`;
}
