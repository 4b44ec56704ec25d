// Calibration of answers on left-out examples: the temperature of the probabilities, and the thresholds below which a
// picture counts as none of the classes.

import { fit, logits } from './discriminant.js';
import { askLeftOut, spread } from './left-out.js';
import { Novelty } from './novelty.js';

/** @import { Examples } from './discriminant.js' */

/**
 * @typedef {object} Calibration
 * @property {number} temperature by which logits are divided before softmax
 * @property {number} abstainBelow the probability below which the first answer is "not sure"; 0: never
 * @property {number} nearEnough the nearness below which a picture is none of the classes; -1: never
 */

/** Rounds of leaving out, fewer above a number of examples: half of those teach enough, and faster. */
const [ROUNDS, MANY, FEW_ROUNDS] = [5, 300, 2];

/** The share of the left-out examples that fall below the thresholds. */
const LOST = 0.05;

/**
 * Temperatures from 2⁻⁴ to 2⁸, as exponents in steps of an eighth. There are only a few, so that every machine chooses
 * the same one, however it rounds exponentials.
 */
const EXPONENTS = Array.from({ length: 97 }, (_, i) => i / 8 - 4);

/**
 * The default exponent, used if nothing is left out, and the cost of a step of 1 away from it, in nats. Otherwise a few
 * examples that are all right, or a single wrong one, would make the temperature extreme.
 */
const [USUAL, COST] = [3, 0.5];

/**
 * Returns softmax(logits / temperature).
 * @param {readonly number[]} logits
 * @param {number} temperature
 */
export function softmax(logits, temperature) {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - most) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * @param {Examples} examples
 * @param {readonly string[]} takes the take of each example; each take has one class
 * @returns {Calibration}
 */
export function calibrate(examples, takes) {
  const { classes } = examples;
  const answers = askLeftOut(examples, rounds(classes, takes), (kept) => {
    const head = fit(kept);
    return (features) => logits(head, features);
  });
  const temperature = bestTemperature(answers.map(({ index, answer }) => ({ logits: answer, right: classes[index] })));
  const sure = answers.map(({ answer }) => Math.max(...softmax(answer, temperature)));
  return {
    temperature,
    // Rounded, so that the last bit of an exponential does not matter.
    abstainBelow: Math.round(1000 * quantile(sure, 0)) / 1000,
    nearEnough: nearEnough(examples, takes),
  };
}

/**
 * Returns the nearness below which a picture is none of the classes.
 * @param {Examples} examples
 * @param {readonly string[]} takes
 */
export function nearEnough(examples, takes) {
  const answers = askLeftOut(examples, rounds(examples.classes, takes), (kept) => {
    const novelty = new Novelty(kept);
    return (features) => novelty.nearness(features);
  });
  return quantile(answers.map(({ answer }) => answer), -1);
}

/**
 * Returns the round in which each example is left out: whole takes in a class of several takes, else single examples.
 * Those are near copies of the remaining ones, so the thresholds are stricter than they should be.
 * @param {readonly number[]} classes
 * @param {readonly string[]} takes
 */
function rounds(classes, takes) {
  /** @type {Map<number, Set<string>>} */
  const ofClass = new Map();
  classes.forEach((each, i) => ofClass.set(each, (ofClass.get(each) ?? new Set()).add(takes[i])));
  const groups = takes.map((take, i) => (Number(ofClass.get(classes[i])?.size) > 1 ? take : String(i)));
  return spread(classes, groups, groups.length < MANY ? ROUNDS : FEW_ROUNDS);
}

/**
 * Returns the temperature at which the right classes are most probable, with a prior for the usual one.
 * @param {readonly {logits: number[], right: number}[]} answers
 */
function bestTemperature(answers) {
  let [best, least] = [1, Infinity];
  for (const exponent of EXPONENTS) {
    const temperature = 2 ** exponent;
    let loss = COST * (exponent - USUAL) ** 2;
    for (const { logits, right } of answers) loss -= Math.log(Math.max(softmax(logits, temperature)[right], 1e-12));
    // Ignores differences within rounding.
    if (loss < least - 1e-9 * (1 + answers.length)) [best, least] = [temperature, loss];
  }
  return best;
}

/**
 * Returns the value below which a share of `LOST` of the values lies.
 * @param {readonly number[]} values
 * @param {number} otherwise the result without values
 */
const quantile = (values, otherwise) => [...values].sort((a, b) => a - b)[Math.floor(LOST * values.length)] ?? otherwise;
