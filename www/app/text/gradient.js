/**
 * The gradient through the network, as a chart's data and in words. The words are about this trained network,
 * whose batch norms are in evaluation mode: its gradients need not vanish where shortcuts are cut.
 *
 * @typedef {import('../types.js').BlockGradients} BlockGradients
 * @typedef {import('../types.js').Block} Block
 * @typedef {import('../types.js').CellMap} CellMap
 * @typedef {import('../types.js').GradientFound} GradientFound
 * @typedef {import('../types.js').Gradients} Gradients
 */

import { cutWords } from './cuts.js';
import { figure, percent } from './format.js';

/**
 * Returns the gradient between the blocks, from the stem to the last one. The gradient at a place arrives over the two
 * paths of the next block; as tensors the two add up to it.
 * @param {GradientFound} found
 * @returns {import('./chart-data.js').ChartData}
 */
export function gradientChart({ whole, cut }) {
  const shown = cut ?? whole;
  const places = ['stem', ...whole.blocks.map(({ block }) => block)];
  const marks = (/** @type {'viaShortcut'|'viaResidual'} */ path) => [...shown.blocks.map((block) => block[path]), null];
  const series = [
    { name: cut ? 'whole network' : 'gradient', kind: 'whole', values: between(whole) },
    ...(cut ? [{ name: 'with cuts', kind: 'cut', values: between(cut) }] : []),
    { name: 'over the shortcut', kind: 'over', marks: true, values: marks('viaShortcut') },
    { name: 'through F(x)', kind: 'through', marks: true, values: marks('viaResidual') },
  ];
  return { places, series, axis: 'rms of the gradient', description: depthWords({ whole, cut }) };
}

/** The gradients at the stem's output, then at every block's. @param {Gradients} gradients */
const between = ({ blocks }) => [blocks[0].input, ...blocks.map(({ output }) => output)];

/**
 * Describes how the gradient changes from the last block back to the stem, in measured numbers.
 * @param {Pick<GradientFound, 'whole'|'cut'>} found
 */
export function depthWords({ whole, cut }) {
  const [first, ...others] = between(whole);
  const last = others[others.length - 1];
  const way = first >= last ? `grows ${times(first / last)}` : `shrinks to ${percent(first / last)}`;
  const sentence = `From ${whole.blocks[whole.blocks.length - 1].block} back to the stem the gradient of ${whole.label}’s logit ${way} ` +
    `(root mean square ${figure(last)} → ${figure(first)}).`;
  if (!cut) return sentence;
  const [left] = between(cut);
  return `${sentence} With the cuts, ${left === 0 ? 'nothing' : `${figure(left)}`} arrives at the stem: ${percent(left / first)} of it.`;
}

/**
 * Compares Grad-CAM at the last block with the exact map, whose negative cells count as 0.
 * @param {CellMap} map
 * @param {CellMap} exact
 */
export function agreementWords({ data, max }, exact) {
  const off = exact.data.reduce((most, cell, at) => Math.max(most, Math.abs(data[at] - Math.max(0, cell))), 0);
  return `The largest difference of two cells is ${max > 0 ? percent(off / max) : '0'} of the largest cell.`;
}

/** @param {number} factor */
const times = (factor) => `${factor.toFixed(factor < 10 ? 1 : 0)} times`;

/**
 * Describes the two paths back through the block in the close-up: "∂L/∂x = ∂L/∂sum + Jᵀ·∂L/∂sum". Root mean squares do
 * not add up as the tensors do.
 * @param {BlockGradients} at
 * @param {Block} block
 * @param {GradientFound} found
 */
export function wayBackWords(at, { projection }, { cuts, cut }) {
  const over = projection ? 'Pᵀ·∂L/∂sum' : '∂L/∂sum';
  const without = cut ? ` Without ${cutWords(cuts)}.` : '';
  return `∂L/∂x = ${over} + Jᵀ·∂L/∂sum: ${figure(at.viaShortcut)} over the shortcut and ${figure(at.viaResidual)} through F(x) ` +
    `make ${figure(at.input)}, of ${figure(at.sum)} at the sum (root mean squares; the tensors add up, their sizes need not).${without}`;
}
