// The accuracy of the classes, measured on whole takes that were left out. Frames of one take are near copies, so
// leaving out single frames would only measure memory.

import { nearEnough } from './calibration.js';
import { fit, logits } from './discriminant.js';
import { askLeftOut, spread, subset } from './left-out.js';
import { Novelty } from './novelty.js';

/** @import { Examples } from './discriminant.js' */

/**
 * The most rounds of leaving out, and the most with many examples, where each round takes a while. With fewer takes,
 * each is left out by itself.
 */
const [ROUNDS, MANY, FEW_ROUNDS] = [20, 300, 5];

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959964;

/**
 * The result of `Teacher.examine`, apart from the labels' names.
 * @typedef {object} Examination
 * @property {number} takes
 * @property {number | null} accuracy
 * @property {[number, number] | null} interval
 * @property {number[][]} confusion
 * @property {[number, number] | null} weakest
 * @property {number | null} refusedUnknown
 */

/**
 * @param {Examples} examples without duplicates
 * @param {readonly string[]} takes the take of each example; each take has one class
 * @returns {Examination}
 */
export function examine(examples, takes) {
  const { classes, count } = examples;
  const names = [...new Set(takes)];
  const confusion = Array.from({ length: count }, () => Array(count).fill(0));
  const folds = spread(classes, takes, classes.length < MANY ? ROUNDS : FEW_ROUNDS);
  const blank = { takes: names.length, accuracy: null, interval: null, confusion, weakest: null };
  const refusedUnknown = askStrangers(examples, takes);
  if (folds.includes(null)) return { ...blank, refusedUnknown };
  /** Of each take, how many examples were right, and how many there are. @type {Map<string, [number, number]>} */
  const marks = new Map(names.map((name) => [name, [0, 0]]));
  const answers = askLeftOut(examples, folds, (kept) => {
    const head = fit(kept);
    return (features) => {
      const values = logits(head, features);
      return values.indexOf(Math.max(...values));
    };
  });
  for (const { index, answer: said } of answers) {
    const right = classes[index];
    confusion[right][said] += 1;
    const mark = /** @type {[number, number]} */ (marks.get(takes[index]));
    mark[0] += Number(right === said);
    mark[1] += 1;
  }
  // A take counts once, however many frames it has.
  const rights = [...marks.values()].reduce((sum, [right, all]) => sum + right / all, 0);
  return {
    ...blank,
    accuracy: rights / names.length,
    interval: wilson(rights, names.length),
    weakest: weakest(confusion),
    refusedUnknown,
  };
}

/**
 * Returns the 95 % confidence interval of a share (Wilson 1927).
 * @param {number} rights
 * @param {number} count
 * @returns {[low: number, high: number]}
 */
export function wilson(rights, count) {
  const [share, square] = [rights / count, Z * Z];
  const centre = share + square / (2 * count);
  const spread = Z * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
  const size = 1 + square / count;
  return [Math.max(0, (centre - spread) / size), Math.min(1, (centre + spread) / size)];
}

/** Returns the pair that is confused most: the true class and the answer. @param {number[][]} confusion */
function weakest(confusion) {
  /** @type {[number, number] | null} */
  let pair = null;
  let most = 0;
  confusion.forEach((row, right) => {
    const all = row.reduce((sum, each) => sum + each, 0);
    row.forEach((each, said) => {
      if (right !== said && each / all > most) [most, pair] = [each / all, [right, said]];
    });
  });
  return pair;
}

/**
 * Returns the share of strangers that are refused: each class in turn is left out and serves as strangers. null with
 * fewer than three classes, because too little would be left.
 * @param {Examples} examples
 * @param {readonly string[]} takes
 */
function askStrangers(examples, takes) {
  const { features, classes, count } = examples;
  if (count < 3) return null;
  let shares = 0;
  for (let stranger = 0; stranger < count; stranger++) {
    const isKept = (/** @type {number} */ i) => classes[i] !== stranger;
    const { features: kept, classes: others } = subset(examples, isKept);
    const rest = { features: kept, classes: others.map((each) => each - Number(each > stranger)), count: count - 1 };
    const novelty = new Novelty(rest);
    const least = nearEnough(rest, takes.filter((_, i) => isKept(i)));
    const strangers = features.filter((_, i) => classes[i] === stranger);
    shares += strangers.filter((each) => novelty.nearness(each) < least).length / strangers.length;
  }
  return shares / count;
}
