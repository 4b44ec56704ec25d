// How well a few examples teach: the library's discriminant on features of classes that the model was not trained on,
// compared with nearest mean, 5-NN and logistic regression, as tables in Markdown.
//
// Usage: node bench/teach/quality.mjs FILE, where FILE is the output of `training/unseen.py`.

import { openAsBlob } from 'node:fs';
import { argv } from 'node:process';
import { calibrate } from '../../www/lib/teach/calibration.js';
import { fit, logits } from '../../www/lib/teach/discriminant.js';
import { Novelty } from '../../www/lib/teach/novelty.js';
import { readTensors } from '../../www/lib/teach/safetensors.js';
import { logisticRegression, nearestMean, nearestNeighbours } from './rivals.mjs';

/** @import { Examples } from '../../www/lib/teach/discriminant.js' */

const CLASSES = 5;
const STRANGERS = 5;
const DRAWS = 20;
const TESTED = 20;
const EXAMPLES = [5, 10, 20, 40];

/** The share of right answers that may be lost by refusing unknown pictures. */
const LOST = 0.1;

/** Draws numbers from 0 to 1, the same ones each time (mulberry32). @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @template T @param {readonly T[]} values @param {() => number} random @returns {T[]} shuffled */
function shuffled(values, random) {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** The index of the class that each method picks. @type {Record<string, (examples: Examples) => (features: Float32Array) => number>} */
const LEARNERS = {
  'shrunken discriminant': (examples) => {
    const head = fit(examples);
    return (features) => best(logits(head, features));
  },
  'logistic regression': logisticRegression,
  'nearest mean': nearestMean,
  '5-NN': nearestNeighbours,
};

/** @param {readonly number[]} values */
const best = (values) => values.indexOf(Math.max(...values));

/** @param {Map<string, import('../../www/lib/teach/safetensors.js').Tensor>} tensors @param {string} name */
async function rows(tensors, name) {
  const { shape: [, width], data } = /** @type {any} */ (tensors.get(name));
  const values = new Float32Array(await data.arrayBuffer());
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

const { tensors } = await readTensors(await openAsBlob(argv[2]));
const features = await rows(tensors, 'features');
const classes = new Int32Array(await /** @type {any} */ (tensors.get('classes')).data.arrayBuffer());
/** @type {Map<number, Float32Array[]>} */
const byClass = new Map();
features.forEach((each, i) => byClass.set(classes[i], [...(byClass.get(classes[i]) ?? []), each]));

const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (/** @type {number[]} */ values) => (100 * mean(values)).toFixed(1);

/** @type {string[]} */
const refusal = [];
console.log(`| examples a class | ${Object.keys(LEARNERS).join(' | ')} |\n| ---: |${' ---: |'.repeat(Object.keys(LEARNERS).length)}`);
for (const shots of EXAMPLES) {
  /** @type {Record<string, number[]>} */
  const accuracy = Object.fromEntries(Object.keys(LEARNERS).map((name) => [name, []]));
  /** @type {Record<'refused' | 'own' | 'strangers' | 'ms' | 'off', number[]>} */
  const found = { refused: [], own: [], strangers: [], ms: [], off: [] };
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = generator(draw);
    const drawn = shuffled([...byClass.keys()].sort((a, b) => a - b), random).slice(0, CLASSES + STRANGERS);
    const pictures = drawn.map((each) => shuffled(byClass.get(each) ?? [], random));
    const own = pictures.slice(0, CLASSES);
    /** @type {Examples} */
    const examples = {
      features: own.flatMap((each) => each.slice(0, shots)),
      classes: own.flatMap((_, index) => Array(shots).fill(index)),
      count: CLASSES,
    };
    const tested = own.flatMap((each, index) => each.slice(-TESTED).map((picture) => ({ picture, index })));
    for (const [name, learn] of Object.entries(LEARNERS)) {
      const ask = learn(examples);
      accuracy[name].push(mean(tested.map(({ picture, index }) => Number(ask(picture) === index))));
    }
    const start = performance.now();
    const head = fit(examples);
    const takes = examples.features.map((_, i) => String(i));
    const { nearEnough } = calibrate(examples, takes);
    found.ms.push(performance.now() - start);
    const novelty = new Novelty(examples);
    const right = tested.filter(({ picture, index }) => best(logits(head, picture)) === index).map(({ picture }) => novelty.nearness(picture));
    const strange = pictures.slice(CLASSES).flatMap((each) => each.slice(-TESTED)).map((picture) => novelty.nearness(picture));
    const least = right.toSorted((a, b) => a - b)[Math.floor(LOST * right.length)];
    found.refused.push(mean(strange.map((each) => Number(each < least))));
    found.own.push(mean(right.map((each) => Number(each < nearEnough))));
    found.strangers.push(mean(strange.map((each) => Number(each < nearEnough))));
  }
  console.log(`| ${shots} | ${Object.values(accuracy).map((each) => `${percent(each)} %`).join(' | ')} |`);
  refusal.push(`| ${shots} | ${percent(found.refused)} % | ${percent(found.strangers)} % | ${percent(found.own)} % | ${mean(found.ms).toFixed(0)} |`);
}
console.log('\n| examples a class | strangers refused at 10 % of right answers lost | at the threshold that was learnt | right answers lost there | ms to learn |');
console.log(`| ---: | ---: | ---: | ---: | ---: |\n${refusal.join('\n')}`);
