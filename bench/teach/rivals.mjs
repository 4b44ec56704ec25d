// Other methods of learning from features, for comparison.

import { classMeans } from '../../www/lib/teach/discriminant.js';
import { cosine, dot, mean, minus } from '../../www/lib/teach/vectors.js';

/** @import { Examples } from '../../www/lib/teach/discriminant.js' */
/** @import { Vector } from '../../www/lib/teach/vectors.js' */

/**
 * Picks the class whose mean has the nearest direction, after centring (SimpleShot, arXiv 1911.04623).
 * @param {Examples} examples
 */
export function nearestMean(examples) {
  const centre = mean(examples.features);
  const means = classMeans(examples).map((each) => minus(each, centre));
  return (/** @type {Vector} */ features) => {
    const near = means.map((each) => cosine(each, minus(features, centre)));
    return near.indexOf(Math.max(...near));
  };
}

/**
 * Picks the class of most of the five nearest examples, by cosine; of equals the nearer one.
 * @param {Examples} examples
 */
export function nearestNeighbours({ features: known, classes, count }) {
  return (/** @type {Vector} */ features) => {
    const nearest = known
      .map((each, i) => ({ near: cosine(each, features), index: classes[i] }))
      .sort((a, b) => b.near - a.near)
      .slice(0, 5);
    const votes = Array(count).fill(0);
    nearest.forEach(({ index, near }) => (votes[index] += 1 + near / 100));
    return votes.indexOf(Math.max(...votes));
  };
}

/** Logistic regression: the weight of ‖W‖², the number of steps and their size. */
const [DECAY, STEPS, RATE] = [0.1, 300, 0.5];

/**
 * Logistic regression on standardised features, by gradient descent.
 * @param {Examples} examples
 */
export function logisticRegression({ features, classes, count }) {
  const centre = mean(features);
  const n = features.length;
  const width = centre.length;
  const spread = centre.map((value, j) => Math.sqrt(features.reduce((sum, row) => sum + (row[j] - value) ** 2, 0) / n) || 1);
  const standard = (/** @type {Vector} */ row) => minus(row, centre).map((value, j) => value / spread[j] / Math.sqrt(width));
  const rows = features.map(standard);
  const weights = Array.from({ length: count }, () => new Float64Array(width + 1));
  const scores = (/** @type {Float64Array} */ row) => weights.map((weight) => dot(row, weight) + weight[width]);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((weight) => weight.map((value, j) => (j < width ? (DECAY / 10) * value : 0)));
    rows.forEach((row, i) => {
      const powers = scores(row).map(Math.exp);
      const sum = powers.reduce((total, power) => total + power, 0);
      powers.forEach((power, c) => {
        const error = (power / sum - Number(classes[i] === c)) / n;
        for (let j = 0; j < width; j++) gradient[c][j] += error * row[j];
        gradient[c][width] += error;
      });
    });
    weights.forEach((weight, c) => weight.forEach((value, j) => (weight[j] = value - 4 * RATE * gradient[c][j])));
  }
  return (/** @type {Vector} */ row) => {
    const values = scores(standard(row));
    return values.indexOf(Math.max(...values));
  };
}
