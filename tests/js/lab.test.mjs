// The lab's page without a browser: texts and charts of runs, settings in the address, the table of networks.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { architectureWords, blockCosts, drawnBlocks, productsIn, shortcutReason } from '../../www/app/text/architectures.js';
import { chartCsv, everyNth } from '../../www/app/text/chart-data.js';
import { changedChart, deletionChart, growth, layerChart, lossChart, ONE_DIGIT } from '../../www/app/text/lab-charts.js';
import { pairJson, weightJson } from '../../www/app/text/lab-record.js';
import { choosesAny, FIRST, linkOfChosen, readChosen, settingsOf, storyEpochs } from '../../www/app/text/lab-settings.js';
import { paperSettings, reseeded } from '../../www/app/text/lab-story.js';
import * as words from '../../www/app/text/lab-words.js';

/** Makes the measures of all layers from one gradient per layer. */
function layers(/** @type {number[]} */ gradient, /** @type {number[]} */ changed = gradient.map(() => 1)) {
  const each = (/** @type {number} */ value) => Float32Array.from(gradient, () => value);
  return {
    gradient: Float32Array.from(gradient), update: each(1e-4), activation: each(0.5), backward: each(0.1), changed: Float32Array.from(changed),
    weights: Uint32Array.from(gradient, (_, index) => (index ? 576 : 288)),
  };
}

/** Makes a finished run. */
function course(/** @type {any} */ twin, /** @type {ReturnType<typeof layers>} */ first, last = first, testAccuracy = 0.95) {
  const settings = { preset: 'cracks', depth: 20, seed: 1, skip: twin === 'residual' };
  const result = { trainAccuracy: 0.97, testAccuracy, firstLoss: 2.4, lastLoss: 0.1, step: 352, steps: 352, stopped: false, layers: last, seconds: 1, settings };
  return /** @type {any} */ ({ twin, step: 352, steps: 352, accuracy: 1, losses: [{ step: 1, loss: 2.4 }, { step: 4, loss: 0.1 }], first, last, result, deleted: null, ledger: null });
}

const vanishing = course('plain', layers([3.6e-14, 1e-7, 0.34]), layers([1, 1, 1], [0, 5 / 576, 1]), ONE_DIGIT.least);
const trained = course('residual', layers([0.2, 0.1, 0.3]));
const pair = { settings: { seed: 1 }, running: false, plain: vanishing, residual: trained };

test('weights that kept their bits are counted, not predicted', () => {
  assert.deepEqual(words.unchanged(vanishing), { layers: 2, changed: 5, weights: 864 });
  assert.match(words.vanishWords(vanishing), /^After 352 steps 5 of the 864 weights of convolutions 1 to 2 changed.*3\.6e-14 in the first one\. It recognises 5\.8\u00a0% of the test digits, no better than a constant answer\.$/);
  const moved = course('plain', layers([0, 1]), layers([1, 1]));
  assert.match(words.vanishWords(moved), /every convolution’s weights have moved: .* below 1e-38 in the first one/);
});

test('one sentence describes both twins', () => {
  assert.match(words.skipWords(pair), /with the shortcuts it recognises 95\.0\u00a0% of the test digits, and all its convolutions have moved; without them 5\.8\u00a0% .*no better than/);
  assert.equal(words.skipWords({ ...pair, residual: null }), '');
  assert.match(words.freeWords(pair), /^plain recognises 5\.8.*\. x \+ F\(x\) recognises 95\.0.* the loss went from 2\.40 to 0\.100\.$/);
  const exploded = { ...trained, result: { ...trained.result, lastLoss: NaN } };
  assert.match(words.freeWords({ ...pair, plain: null, residual: exploded }), /exploded\.$/);
});

test('the addition’s gradient is that of the middle block', () => {
  const first = { ...layers([1, 1, 1, 1, 1, 1, 1]), backward: Float32Array.from([7, 6, 5, 4, 3, 2, 1]) };
  assert.deepEqual(words.additionNumbers(course('residual', first)), { block: 2, sum: 3, x: 5 });
  assert.equal(words.additionNumbers(null), null);
});

test('for deep plain networks only the order of magnitude is given', () => {
  const at = (/** @type {number} */ depth) => ({ depth, growth: { plain: 2.3e9, residual: 16.2 } });
  assert.deepEqual([words.growthOf(at(152), 'plain'), words.growthOf(at(152), 'residual')], ['about 10⁹', '16']);
  assert.equal(words.growthOf(at(20), 'plain'), '2,300,000,000');
  assert.equal(words.magnitude(2e-14), 'about 10⁻¹⁴');
  assert.equal(words.growthText(Infinity, false), 'not finite');
  assert.match(words.paperWords(pair), /^20 layers: plain recognises .* is 1\.1e-13 times .* and 0\.667 times in its twin\.$/);
});

test('one weight, in numbers that add up', () => {
  const step = { step: 3, layer: 2, index: 4, before: 0.0512, gradient: -0.00213, rate: 0.1, decay: 0, momentum: 0, after: 0.051413 };
  assert.equal(words.weightWords(step, 2.3, 2.28),
    'Step 3: 0.051200 − 0.100 × (−0.002130) = 0.051413; all weights moved like this one, and the loss of the 360 test digits went from 2.3000 to 2.2800.');
  assert.equal(words.long(-3e-7), '−3.000e-7');
  const record = JSON.parse(weightJson({ layer: 2, index: 4, steps: [step], losses: [2.3, 2.28], ended: false }));
  assert.deepEqual([record.convolution, record.steps[0].lossBefore, record.steps[0].lossAfter], [3, 2.3, 2.28]);
});

test('the cost of leaving out a block is given with its range', () => {
  const residual = { ...trained, deleted: [0.36, 0.9, 0.96].map((testAccuracy, block) => ({ block, testAccuracy })), ledger: [1.3, 0.6, 0.3].map((ratio, block) => ({ block, ratio, cosine: 0.1, clipped: 0.3 })) };
  const told = words.deletionWords({ ...pair, plain: null, residual });
  assert.match(told, /^With any one of its 3 blocks left out, x \+ F\(x\) goes from 95\.0\u00a0% to between 36\.0\u00a0% \(without block 1\) and 96\.0\u00a0%, median 90\.0\u00a0%\.$/);
  assert.match(words.ledgerSentence(residual), /^F\(x\) has 1\.30 times the size of x in block 1 and 0\.300 times in block 3/);
  const chart = deletionChart({ ...pair, plain: null, residual });
  assert.deepEqual(chart.rules?.map(({ label }) => label), ['x + F(x), whole', 'constant answer']);
});

test('charts show both twins, a floor for zeros, and the numbers unchanged', () => {
  const chart = layerChart({ ...pair, plain: course('plain', layers([0, 1e-20, 1])) }, 'gradient', 'first');
  assert.deepEqual(chart.series.map(({ name, kind }) => [name, kind]), [['plain', 'plain'], ['x + F(x)', 'residual']]);
  assert.deepEqual([chart.floor?.value, chart.places], [1e-38, ['1', '2', '3']]);
  assert.match(chartCsv(chart), /^place,plain,x \+ F\(x\)\r\n1,0,0\.2/);
  assert.equal(layerChart(pair, 'update', 'last').rules?.length, 1);
  assert.equal(layerChart({ ...pair, plain: null }, 'gradient', 'first').floor, undefined);
  assert.deepEqual(lossChart(pair).places, ['1', '4']);
  assert.match(changedChart(pair).series[0].words?.[1] ?? '', /^convolution 2, plain: 5 of 576 weights/);
  assert.equal(growth(layers([8, 4, 2])), 4);
});

test('places are named where there is room', () => {
  const places = Array.from({ length: 151 }, (_, index) => String(index + 1));
  assert.ok(everyNth(places, 400).length * 21 <= 400 + 35);
  assert.deepEqual(everyNth(['1', '2'], 400), ['1', '2']);
});

test('the address has free play’s settings, and wrong ones are reported with their range', () => {
  assert.deepEqual(readChosen(''), FIRST);
  assert.ok(!choosesAny('?story=1') && choosesAny('?depth=20'));
  const link = linkOfChosen({ values: { ...FIRST.values, depth: '56', activation: 'sigmoid' }, twins: 'plain' }, 'https://a.example/lab.html?story=1');
  const chosen = readChosen(new URL(link).search);
  assert.deepEqual([chosen.values.depth, chosen.values.activation, chosen.twins], ['56', 'sigmoid', 'plain']);
  const { settings, troubles } = settingsOf(chosen);
  assert.deepEqual([settings.depth, settings.activation, settings.warmup, troubles], [56, 'sigmoid', 20, []]);
  const wrong = { depth: ['7', '202', '21', ''], rate: ['0', 'x'], seed: ['-1', '1.5', '4294967296'], activation: ['gelu'] };
  for (const [name, texts] of Object.entries(wrong)) {
    for (const text of texts) assert.match(settingsOf({ values: { ...FIRST.values, [name]: text }, twins: 'both' }).troubles.join(), new RegExp(`^${name} is “${text}”: expected `));
  }
  assert.deepEqual(['?story=2', '?story=0', '?story=x', ''].map(storyEpochs), [2, null, null, null]);
});

test('a run’s file has settings and seed, and marks values that are not finite', () => {
  const exploded = { ...trained, losses: [{ step: 1, loss: Infinity }] };
  const record = JSON.parse(pairJson({ ...pair, residual: exploded }));
  assert.deepEqual(record.runs.map((/** @type {any} */ run) => [run.twin, run.settings.seed, run.settings.skip]), [['plain', 1, false], ['residual', 1, true]]);
  assert.equal(record.runs[1].losses[0].loss, 'Infinity');
  assert.equal(record.runs[0].layers.lastStep.weights[1], 576);
});

test('each depth is trained with the preset that was tried for it', () => {
  assert.deepEqual([8, 20, 56, 152, 200].map((depth) => paperSettings(depth).preset), ['shallow', 'cracks', 'deep', 'very-deep', 'very-deep']);
  assert.equal(reseeded({ preset: 'deep' }).seed, 2);
});

const table = JSON.parse(await readFile(new URL('../../www/architectures.json', import.meta.url), 'utf8'));

test('the blocks of each network add up to its parameters and the paper’s multiplications', () => {
  const products = { resnet18: 1.8, resnet34: 3.7, resnet50: 4.1, resnet101: 7.8, resnet152: 11.5 };
  for (const architecture of table) {
    const { name, parameters, stem, features } = architecture;
    const [input, output, kernel] = stem;
    const others = input * output * kernel ** 2 + 2 * output + features * 1000 + 1000;
    const blocks = drawnBlocks(architecture);
    assert.equal(blocks.reduce((sum, block) => sum + block.parameters, others), parameters, name);
    assert.equal((productsIn(architecture, 1000) / 1e9).toFixed(1), products[name].toFixed(1), name);
    assert.deepEqual(blocks[blocks.length - 1].output, [features, 7, 7]);
  }
});

test('the rule of the skip is applied to a block’s shapes', () => {
  const blocks = drawnBlocks(table[0]);
  assert.match(shortcutReason(blocks[0]), /^layer1\.0: x is 56×56×64 and F\(x\) is 56×56×64\. The shapes are the same/);
  assert.match(shortcutReason(blocks[2]), /height, width and channels differ.* 64 → 128, stride 2, with 8,448 parameters/);
  assert.match(shortcutReason(drawnBlocks(table[2])[0]), /: the channels differ, .* 64 → 256, stride 1/);
  assert.match(blockCosts(blocks[2]), /^F\(x\): 3×3, 64 → 128, stride 2; 3×3, 128 → 128\. 230,144 parameters/);
  assert.match(architectureWords(table[0], 1000), /^ResNet-18: 18 weighted layers .* 8 shortcuts in basic blocks, 5 of them identity and 3 a 1×1/);
});
