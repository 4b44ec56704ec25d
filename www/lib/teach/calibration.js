// How sure an answer is, learnt from examples that were left out: the temperature of the probabilities, and the
// thresholds below which a picture counts as none of the classes.

import { fit, logits } from './discriminant.js';
import { askLeftOut, spread } from './left-out.js';
import { Novelty } from './novelty.js';

/** @import { Examples } from './discriminant.js' */

/**
 * @typedef {object} Calibration
 * @property {number} temperature what logits are divided by before softmax
 * @property {number} abstainBelow the probability below which the first answer is not sure; 0: it always is
 * @property {number} nearEnough the nearness below which a picture is none of the classes; -1: it never is
 */

/** Rounds of leaving out, and how many there are from so many examples on: half of those teach enough, and sooner. */
const [ROUNDS, MANY, FEW_ROUNDS] = [5, 300, 2];

/** The share of the left-out examples that fall below the thresholds. */
const LOST = 0.05;

/**
 * Temperatures from 2⁻⁴ to 2⁸, as exponents in steps of an eighth. They are few, so that every machine takes the same
 * one, however it rounds exponentials.
 */
const EXPONENTS = Array.from({ length: 97 }, (_, i) => i / 8 - 4);

/**
 * The exponent that is taken where nothing is left out, and how much a step of 1 from it costs, in nats. A few examples
 * that all are right, or a single wrong one, would else make the temperature extreme.
 */
const [USUAL, COST] = [3, 0.5];

/**
 * softmax(logits / temperature).
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
 * @param {readonly string[]} takes of each example, of one class each
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
    // Rounded, so that the last bit of an exponential decides nothing.
    abstainBelow: Math.round(1000 * quantile(sure, 0)) / 1000,
    nearEnough: nearEnough(examples, takes),
  };
}

/**
 * The nearness below which a picture is none of the classes.
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
 * In which round each example is left out: in a class of several takes whole takes are, else single examples. Those
 * are near copies of the ones that stay, so that the thresholds are stricter than they should be.
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
 * The temperature at which the right classes are most probable, with a prior for the usual one.
 * @param {readonly {logits: number[], right: number}[]} answers
 */
function bestTemperature(answers) {
  let [best, least] = [1, Infinity];
  for (const exponent of EXPONENTS) {
    const temperature = 2 ** exponent;
    let loss = COST * (exponent - USUAL) ** 2;
    for (const { logits, right } of answers) loss -= Math.log(Math.max(softmax(logits, temperature)[right], 1e-12));
    // A difference that rounding could make is none.
    if (loss < least - 1e-9 * (1 + answers.length)) [best, least] = [temperature, loss];
  }
  return best;
}

/**
 * The value that a share of `LOST` of the values are below.
 * @param {readonly number[]} values
 * @param {number} otherwise where there are none
 */
const quantile = (values, otherwise) => [...values].sort((a, b) => a - b)[Math.floor(LOST * values.length)] ?? otherwise;
