// Predictions for examples that were left out of learning. Every reported measure of certainty comes from here.

/** @import { Examples } from './discriminant.js' */
/** @import { Vector } from './vectors.js' */

/**
 * Leaves examples out, learns from the others, and evaluates the result on those that were left out.
 * @template T
 * @param {Examples} examples
 * @param {readonly (number | null)[]} folds the round in which each example is left out, from 0; null: never.
 *   In no round all examples of a class may be left out.
 * @param {(kept: Examples) => (features: Vector) => T} learn returns the function to evaluate on features
 * @returns {{index: number, answer: T}[]} one for each example that is left out
 */
export function askLeftOut(examples, folds, learn) {
  const rounds = 1 + Math.max(-1, ...folds.map((fold) => fold ?? -1));
  return Array.from({ length: rounds }, (_, round) => {
    const ask = learn(subset(examples, (i) => folds[i] !== round));
    return folds.flatMap((fold, index) => (fold === round ? [{ index, answer: ask(examples.features[index]) }] : []));
  }).flat();
}

/**
 * Returns some of the examples; each class keeps its number.
 * @param {Examples} examples
 * @param {(index: number) => boolean} wanted
 * @returns {Examples}
 */
export const subset = ({ features, classes, count }, wanted) => ({
  features: features.filter((_, i) => wanted(i)),
  classes: classes.filter((_, i) => wanted(i)),
  count,
});

/**
 * Spreads groups of examples over rounds, so that no class loses all of its groups at once.
 * @param {readonly number[]} classes of each example
 * @param {readonly string[]} groups of each example; a group's name belongs to one class
 * @param {number} most rounds
 * @returns {(number | null)[]} the round of each example; null in a class of one group, which is never left out
 */
export function spread(classes, groups, most) {
  /** @type {Map<number, Map<string, number>>} */
  const rounds = new Map();
  classes.forEach((each, i) => {
    const ofClass = rounds.get(each) ?? new Map();
    rounds.set(each, ofClass.set(groups[i], ofClass.get(groups[i]) ?? 0));
  });
  const several = [...rounds].filter(([, ofClass]) => ofClass.size > 1).sort(([a], [b]) => a - b);
  const count = several.reduce((sum, [, ofClass]) => sum + ofClass.size, 0);
  // Neighbours in this order, such as two groups of a class, are in different rounds.
  let next = 0;
  for (const [, ofClass] of several) for (const group of ofClass.keys()) ofClass.set(group, next++ % Math.min(count, most));
  return classes.map((each, i) => {
    const ofClass = rounds.get(each);
    return ofClass && ofClass.size > 1 ? ofClass.get(groups[i]) ?? null : null;
  });
}
