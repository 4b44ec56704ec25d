// The page's words about gradients, and the numbers of its charts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartCsv } from '../../www/app/text/chart-data.js';
import { agreementWords, depthWords, gradientChart, wayBackWords } from '../../www/app/text/gradient.js';

/** @import { Block, Gradients, GradientFound } from '../../www/app/types.js' */

/** Gradients of two blocks. @param {number} scale @returns {Gradients} */
function gradients(scale) {
  const block = (/** @type {string} */ name, /** @type {number} */ size) => ({
    block: name, output: scale * size, sum: scale * size * 0.8, viaShortcut: scale * size * 0.7, viaResidual: scale * size * 0.5, input: scale * size * 2,
  });
  const timings = { preprocess: 1, forward: 2, backward: 3, total: 6 };
  return { of: 'logit', index: 0, label: 'cup', value: 3, blocks: [block('layer1.0', 0.2), block('layer4.1', 0.1)], maps: [], timings };
}

/** @param {Gradients|null} cut @returns {GradientFound} */
const found = (cut) => /** @type {any} */ ({ block: 'layer1.0', cuts: [{ block: 'layer4.1', path: 'shortcut' }], whole: gradients(1), cut, exact: null, pace: null });

test('the chart runs from the stem to the last block, and marks both paths at the place that they lead to', () => {
  const { places, series } = gradientChart(found(null));
  assert.deepEqual(places, ['stem', 'layer1.0', 'layer4.1']);
  assert.deepEqual(series.map(({ name, values }) => [name, values]), [
    ['gradient', [0.4, 0.2, 0.1]],
    ['over the shortcut', [0.7 * 0.2, 0.7 * 0.1, null]],
    ['through F(x)', [0.1, 0.05, null]],
  ]);
});

test('a cut network is drawn beside the whole one, with its own marks', () => {
  const { series } = gradientChart(found(gradients(0.5)));
  assert.deepEqual(series.map(({ name }) => name), ['whole network', 'with cuts', 'over the shortcut', 'through F(x)']);
  assert.deepEqual(series[1].values, [0.2, 0.1, 0.05]);
  assert.equal(series[3].values[0], 0.05);
});

test('the words give measured numbers, whether they rise or fall', () => {
  assert.equal(depthWords(found(null)), 'From layer4.1 back to the stem the gradient of cup’s logit grows 4.0 times (root mean square 0.100 → 0.400).');
  assert.match(depthWords(found(gradients(0.25))), /With the cuts, 0\.100 arrives at the stem: 25\.0\u00a0% of it\.$/);
  assert.match(depthWords(found(gradients(0))), /With the cuts, nothing arrives at the stem: 0\.0\u00a0% of it\.$/);
  const falling = found(null);
  falling.whole.blocks[0].input = 0.05;
  assert.match(depthWords(falling), /shrinks to 50\.0\u00a0%/);
});

test('the paths back through a block are described by their formula', () => {
  const [at] = gradients(1).blocks;
  const identity = /** @type {Block} */ (/** @type {unknown} */ ({ projection: null }));
  const projection = /** @type {Block} */ (/** @type {unknown} */ ({ projection: {} }));
  assert.match(wayBackWords(at, identity, found(null)), /^∂L\/∂x = ∂L\/∂sum \+ Jᵀ·∂L\/∂sum: 0\.140 over the shortcut and 0\.100 through F\(x\) make 0\.400, of 0\.160/);
  assert.match(wayBackWords(at, projection, found(gradients(1))), /^∂L\/∂x = Pᵀ·∂L\/∂sum .* Without the shortcut of layer4\.1\.$/);
});

test('Grad-CAM is compared with the exact map, whose negative cells count as 0', () => {
  const map = (/** @type {number[]} */ ...data) => ({ height: 1, width: data.length, data: new Float32Array(data), min: Math.min(...data), max: Math.max(...data) });
  assert.equal(agreementWords(map(0, 2, 4), map(-3, 2, 4)), 'The largest difference of two cells is 0.0\u00a0% of the largest cell.');
  assert.match(agreementWords(map(0, 2, 4), map(1, 2, 4)), /25\.0\u00a0% of/);
  assert.match(agreementWords(map(0, 0), map(-1, -2)), /is 0 of/);
});

test('a chart’s numbers are a table', () => {
  const series = [{ name: 'over, through', kind: 'whole', values: [1, null] }];
  assert.equal(chartCsv({ places: ['stem', 'layer1.0'], series }), 'place,"over, through"\r\nstem,1\r\nlayer1.0,\r\n');
});
