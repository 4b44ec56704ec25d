// Contributions of paths, cuts and sweeps: their numbers, words and files.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutWords, identitySkipsAreCut, isCut, withoutIdentitySkips, withPath } from '../../www/app/text/cuts.js';
import { evidenceBound, paintEvidence, roundedSum, sumWords } from '../../www/app/text/evidence.js';
import { History, WINDOW_MS } from '../../www/app/text/history.js';
import { cosineText, ledgerScale, ledgerWords, ratioText } from '../../www/app/text/ledger.js';
import { linkOf, readLinkedView } from '../../www/app/text/linked-view.js';
import { ledgerCsv, ledgerJson, sweepCsv, sweepJson } from '../../www/app/text/records.js';
import { fateText, sweepRows, sweepWords } from '../../www/app/text/sweep.js';
import { initialState } from '../../www/app/text/state.js';

/** @import { Block, BlockStats, Cam, Cut, State, Sweep, SweepState } from '../../www/app/types.js' */

/** Blocks of two stages; the first of the second stage is a projection. */
const BLOCKS = /** @type {Block[]} */ (/** @type {unknown} */ ([
  { name: 'layer1.0', shortcut: 'identity', shape: [64, 8, 8], projection: null },
  { name: 'layer1.1', shortcut: 'identity', shape: [64, 8, 8], projection: null },
  { name: 'layer2.0', shortcut: 'projection', shape: [128, 4, 4], projection: { kernel: 1, stride: 2 } },
]));

/** @param {Partial<BlockStats>} numbers @returns {BlockStats} */
const stats = (numbers) => ({
  block: 'layer1.0', shortcut: 2, residual: 1, sum: 2.2, output: 1.8, ratio: 0.5, cosine: 0.25, clipped: 0.4, ...numbers,
});

test('a block keeps one of its paths', () => {
  const first = withPath([], 'layer1.0', 'residual', true);
  const other = withPath(first, 'layer1.0', 'shortcut', true);
  assert.deepEqual(other, [{ block: 'layer1.0', path: 'shortcut' }]);
  assert.deepEqual([isCut(other, 'layer1.0', 'shortcut'), isCut(other, 'layer1.0', 'residual')], [true, false]);
  assert.deepEqual(withPath(other, 'layer1.0', 'residual', false), other);
  assert.deepEqual(withPath(other, 'layer1.0', 'shortcut', false), []);
});

test('all identity shortcuts are cut, and no projection', () => {
  const cuts = withoutIdentitySkips([{ block: 'layer2.0', path: 'residual' }, { block: 'layer1.1', path: 'residual' }], BLOCKS);
  assert.deepEqual(cuts, [
    { block: 'layer2.0', path: 'residual' },
    { block: 'layer1.0', path: 'shortcut' },
    { block: 'layer1.1', path: 'shortcut' },
  ]);
  assert.equal(identitySkipsAreCut(cuts, BLOCKS), true);
  assert.equal(identitySkipsAreCut(cuts.slice(0, 2), BLOCKS), false);
});

test('cuts are named one by one, or counted', () => {
  const of = (/** @type {Cut['path']} */ path, /** @type {number} */ count) =>
    Array.from({ length: count }, (_, index) => ({ block: `layer1.${index}`, path }));
  assert.equal(cutWords(of('residual', 2)), 'F(x) of layer1.0, layer1.1');
  assert.equal(cutWords([...of('residual', 1), ...of('shortcut', 1)]), 'F(x) of layer1.0 and the shortcut of layer1.0');
  assert.equal(cutWords(of('shortcut', 5)), '5 shortcuts');
});

test('the bars of all blocks share a scale', () => {
  assert.equal(ledgerScale([stats({}), stats({ residual: 3 })]), 3);
  assert.equal(ledgerScale([]), 0);
});

test('a ledger says how large F(x) is and whether it agrees', () => {
  assert.equal(ledgerWords(stats({}), BLOCKS[0]),
    'F(x) has 0.50 times the size of x and works with it (cosine 0.25); ReLU sets 40.0\u00a0% of the sum to 0.');
  assert.match(ledgerWords(stats({ cosine: -0.31 }), BLOCKS[2]), /the size of projected x and works against it \(cosine −0\.31\)/);
  assert.match(ledgerWords(stats({ cosine: -0.02 }), BLOCKS[0]), /is nearly orthogonal to it/);
});

test('a path that is left out has no ratio and no cosine', () => {
  const left = { ratio: null, cosine: null };
  assert.match(ledgerWords(stats({ ...left, residual: 0 }), BLOCKS[0]), /^F\(x\) is left out, and the sum is x alone;/);
  assert.match(ledgerWords(stats({ ...left, shortcut: 0 }), BLOCKS[0]), /^The shortcut is left out, and the sum is F\(x\) alone;/);
  assert.deepEqual([ratioText(null), cosineText(null)], ['–', '–']);
});

test('ratios and cosines keep two decimals, and small ratios their digits', () => {
  assert.deepEqual([0, 0.494, 12.346, 0.00123].map(ratioText), ['0.00×', '0.49×', '12.35×', '0.00123×']);
  assert.deepEqual([0.5, -0.001, -1].map(cosineText), ['0.50', '0.00', '−1.00']);
});

/** @param {number[]} values */
const cells = (values) => {
  const data = Float32Array.from(values);
  return { height: 1, width: values.length, data, min: Math.min(...data), max: Math.max(...data) };
};

/** @type {Cam} */
const CAM = {
  index: 3, label: 'mug', logit: 18.4, bias: 0.2,
  shortcut: cells([2.05, 4.05]), residual: cells([13.15, -1.05]), total: cells([15.2, 3]),
};

test('the logit is written as a sum that adds up', () => {
  assert.equal(sumWords(CAM), '18.4 = 0.2 bias + 6.1 over the shortcut + 12.1 from F(x)');
  const against = { ...CAM, shortcut: cells([-3]), residual: cells([1]) };
  assert.equal(sumWords(against), '−1.8 = 0.2 bias − 3.0 over the shortcut + 1.0 from F(x)');
});

test('rounded terms add up to the rounded sum, each within a unit of its value', () => {
  for (const terms of [[0.04, 0.04, 0.04], [-0.05, 1.26, -7.77], [0.25, 0.25, 0.25], [-1.99, -0.06, 0]]) {
    const [whole, ...rounded] = roundedSum(terms, 1);
    const sum = terms.reduce((total, term) => total + term, 0);
    assert.ok(Math.abs(whole - sum) <= 0.05 + 1e-9, `${terms}`);
    assert.equal(rounded.reduce((total, term) => total + term, 0).toFixed(1), whole.toFixed(1));
    rounded.forEach((term, index) => assert.ok(Math.abs(term - terms[index]) < 0.1, `${terms}`));
  }
});

test('evidence against a class is blue, evidence for it red, and 0 almost transparent', () => {
  const bound = evidenceBound(CAM);
  assert.ok(Math.abs(bound - 15.2) < 1e-5);
  const rgba = new Uint8ClampedArray(12);
  paintEvidence(cells([-bound, 0, bound]), bound, rgba);
  const [against, none, forIt] = [0, 4, 8].map((at) => rgba.subarray(at, at + 4));
  assert.ok(against[2] > against[0] && forIt[0] > forIt[2]);
  assert.ok(none[3] < 32 && against[3] > 200 && forIt[3] > 200);
  paintEvidence(cells([0, 0, 0]), 0, rgba);
  assert.ok(rgba[3] < 32);
});

test('a line holds the last ten seconds', () => {
  const history = new History();
  const frames = /** @type {[number, number|null][]} */ ([[0, 1], [2000, null], [11_000, 3]]);
  for (const [time, ratio] of frames) history.add(time, [stats({ ratio })]);
  assert.deepEqual(history.line(0, 'ratio', 12_000), [{ x: 0, y: null }, { x: 0.9, y: 3 }]);
  assert.equal(WINDOW_MS, 10_000);
  history.clear();
  assert.deepEqual(history.line(0, 'ratio', 12_000), []);
});

/**
 * A sweep on the picture of a cup, with the probability that is left for each block.
 * @param {Sweep['path']} path
 * @param {number[]} left
 * @returns {Sweep}
 */
const sweep = (path, left) => ({
  index: 5, label: 'cup', path, baseline: { logit: 9, probability: 0.9 },
  blocks: left.map((probability, index) => ({
    block: BLOCKS[index].name, logit: 1, probability,
    top: probability < 0.5 ? { index: 7, label: 'pan, frying', probability: 0.6 } : { index: 5, label: 'cup', probability },
  })),
});

/** @type {SweepState} */
const SWEPT = {
  title: 'Cup', picture: /** @type {any} */ (null), model: /** @type {any} */ ({ blocks: BLOCKS, architecture: 'resnet18', sha256: 'abc' }),
  done: 6, total: 6, running: false, residual: sweep('residual', [0.8, 0.7, 0.1]), shortcut: sweep('shortcut', [0.2, 0.9, 0.9]),
};

test('a sweep is sorted by how much a block is needed, and marks the winners', () => {
  const rows = sweepRows(SWEPT);
  assert.deepEqual(rows.map(({ block }) => block), ['layer2.0', 'layer1.1', 'layer1.0']);
  assert.deepEqual(rows.map(({ projection }) => projection), [true, false, false]);
  assert.deepEqual(rows.map(({ residual }) => fateText(residual)), ['10.0\u00a0% → pan, frying 60.0\u00a0%', '70.0\u00a0%', '80.0\u00a0%']);
  assert.deepEqual(rows.map(({ shortcut }) => shortcut?.changed?.label), [undefined, undefined, 'pan, frying']);
});

test('a sweep in words; a half-finished one as far as it goes', () => {
  assert.equal(sweepWords(SWEPT), 'cup, 90.0\u00a0% with all blocks: 1 of 3 changes the first answer when its F(x) is left out. ' +
    'It needs layer2.0 most: 10.0\u00a0% without it.');
  assert.match(sweepWords({ ...SWEPT, residual: sweep('residual', [0.8, 0.7, 0.6]) }), /no single F\(x\) changes the first answer/);
  assert.equal(sweepRows({ ...SWEPT, shortcut: null })[0].shortcut, null);
  assert.deepEqual(sweepRows({ ...SWEPT, residual: null, shortcut: null }), []);
});

test('files: a line for each block, texts quoted where they need it', () => {
  assert.equal(ledgerCsv([stats({ ratio: null })]),
    'block,shortcut,residual,sum,output,ratio,cosine,clipped\r\nlayer1.0,2,1,2.2,1.8,,0.25,0.4\r\n');
  const lines = sweepCsv(SWEPT).split('\r\n');
  assert.equal(lines.length, 1 + 6 + 1);
  assert.equal(lines[3], 'residual,layer2.0,cup,0.1,1,0.9,"pan, frying",0.6');
  const { sweeps, picture, model } = JSON.parse(sweepJson(SWEPT));
  assert.deepEqual([sweeps.map(({ path }) => path), picture, model.sha256], [['residual', 'shortcut'], 'Cup', 'abc']);
});

test('a ledger’s JSON names its picture and model', () => {
  const answer = { subject: { title: 'Cup' }, predictions: [{ label: 'cup' }], ablated: [{ block: 'layer1.0', path: 'shortcut' }], stats: [stats({})] };
  const state = /** @type {State} */ (/** @type {unknown} */ ({ answer, model: SWEPT.model }));
  const record = JSON.parse(ledgerJson(state));
  assert.deepEqual([record.picture, record.top.label, record.ablate.length, record.blocks[0].ratio], ['Cup', 'cup', 1, 0.5]);
});

test('a link shows the same view again', () => {
  /** @type {State} */
  const state = {
    ...initialState(true), block: 'layer2.0', closeReduce: { channel: 12 }, modelUrl: 'https://example.org/site/models/mine.safetensors',
    ablate: [{ block: 'layer1.0', path: 'residual' }, { block: 'layer1.1', path: 'shortcut' }],
  };
  const shown = { ...state, settings: { ...state.settings, reduce: /** @type {const} */ ('mean') } };
  const link = new URL(linkOf(shown, 'https://example.org/site/?backend=cpu&simulate=oom#top'));
  assert.equal(link.href, 'https://example.org/site/?backend=cpu&model=%2Fsite%2Fmodels%2Fmine.safetensors&block=layer2.0&map=mean&channel=12&cut=layer1.0,layer1.1:shortcut');
  assert.deepEqual(readLinkedView(link.search, { blocks: BLOCKS }), {
    block: 'layer2.0', reduce: 'mean', channel: 12, cuts: state.ablate, troubles: [],
  });
});

test('what a link asks for and this network lacks is reported; the rest is shown', () => {
  const view = readLinkedView('?block=layer9.0&map=sum&channel=3&cut=layer1.0,layer7.0,layer1.1:input', { blocks: BLOCKS });
  assert.deepEqual([view.block, view.reduce, view.channel, view.cuts], [null, null, null, [{ block: 'layer1.0', path: 'residual' }]]);
  assert.deepEqual(view.troubles.map((text) => text.split(':')[0]), ['?block=layer9.0', '?map=sum', '?channel=3', '?cut=layer7.0', '?cut=layer1.1']);
  assert.match(view.troubles[0], /This network has layer1\.0 to layer2\.0\./);
  const far = readLinkedView('?block=layer1.0&channel=64', { blocks: BLOCKS });
  assert.deepEqual([far.channel, far.troubles.length], [null, 1]);
});
