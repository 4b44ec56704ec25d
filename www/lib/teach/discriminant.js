// A linear discriminant with a shrunken covariance, in closed form: no steps, no learning rate, and a fully
// connected layer as the result.
//
// All classes share the covariance S of the examples about the means of their classes. With a few examples in
// hundreds of dimensions S says little, so it is mixed with the multiple of the identity that has the same trace
// (Friedman 1989, "Regularized discriminant analysis"): Σ = λ·tr(S)/D·I + (1 − λ)·S.
//
// The length of a picture's features says little about its content, so all examples are first scaled to the same length.

import { factorise, gram, solve } from './cholesky.js';
import { dot, length, mean, minus, scaled } from './vectors.js';

/** @import { Vector } from './vectors.js' */

/**
 * Examples of classes.
 * @typedef {object} Examples
 * @property {readonly Vector[]} features `[D]` each
 * @property {readonly number[]} classes the class of each, from 0
 * @property {number} count the number of classes; each has an example
 */

/**
 * A fully connected layer.
 * @typedef {object} Head
 * @property {readonly Float32Array[]} weights `[D]` for each class
 * @property {Float32Array} biases one for each class
 */

/**
 * The weight of the identity, as a number of examples for each dimension: the more examples are shown, the more their
 * covariance is trusted. Examples of one take are near copies and say less than their number suggests, so the share of
 * the identity has a lower bound.
 */
const [PRIOR, LEAST] = [2, 0.5];

/**
 * Returns λ for a number of examples.
 * @param {number} freedom the number of examples less that of classes
 * @param {number} dimensions
 */
export const shrinkage = (freedom, dimensions) => Math.max(LEAST, (PRIOR * dimensions) / (PRIOR * dimensions + freedom));

/**
 * Returns the examples, scaled to their mean length, and that length.
 * @param {Examples} examples
 * @returns {Examples & {size: number}}
 */
export function equallyLong({ features, classes, count }) {
  const size = features.reduce((sum, each) => sum + length(each), 0) / features.length;
  return { features: features.map((each) => scaled(each, size)), classes, count, size };
}

/**
 * Returns the means of the classes.
 * @param {Examples} examples
 */
export const classMeans = ({ features, classes, count }) =>
  Array.from({ length: count }, (_, index) => mean(features.filter((_, i) => classes[i] === index)));

/**
 * Fits a discriminant with equally probable classes.
 * @param {Examples} shown
 * @returns {Head} its logits differ from the log-likelihoods by a term that all classes share
 */
export function fit(shown) {
  const examples = equallyLong(shown);
  const means = classMeans(examples);
  const centre = mean(means);
  const directions = means.map((each) => minus(each, centre));
  const residuals = examples.features.map((each, i) => minus(each, means[examples.classes[i]]));
  const solveCovariance = covariance(residuals, directions);
  const weights = directions.map((direction) => solveCovariance(direction));
  const biases = weights.map((weight, i) => -dot(weight, centre) - dot(weight, directions[i]) / 2);
  return { weights: weights.map((each) => Float32Array.from(each)), biases: Float32Array.from(biases) };
}

/**
 * Returns the logits of a picture.
 * @param {Head} head
 * @param {Vector} features `[D]`
 */
export const logits = ({ weights, biases }, features) => weights.map((weight, i) => dot(weight, features) + biases[i]);

/**
 * Returns a function that applies the inverse of the shrunken covariance to a vector. For N residuals in D dimensions
 * it solves the smaller of two equivalent systems: the D×D one, or by Woodbury's identity the N×N one.
 * @param {readonly Float64Array[]} residuals `[D]` of each example, about the mean of its class
 * @param {readonly Float64Array[]} directions of the classes from their centre
 * @returns {(vector: Float64Array) => Float64Array}
 */
function covariance(residuals, directions) {
  const [n, d] = [residuals.length, directions[0].length];
  const freedom = Math.max(n - directions.length, 1);
  const trace = total(residuals) / freedom;
  const lambda = shrinkage(freedom, d);
  // The examples have no spread: the distance of the classes is the only measure.
  const ridge = (lambda * trace || total(directions) / directions.length || d) / d;
  const share = (1 - lambda) / freedom;
  const columns = Array.from({ length: d }, (_, i) => Float64Array.from(residuals, (row) => row[i]));
  const small = n < d;
  // Either share·RᵀR + ridge·I, or the same with RRᵀ.
  const matrix = gram(small ? residuals : columns);
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) row[j] *= share;
    row[i] += ridge;
  });
  factorise(matrix);
  if (!small) return (vector) => solve(matrix, vector);
  return (vector) => {
    const inner = solve(matrix, Float64Array.from(residuals, (row) => dot(row, vector)));
    return vector.map((value, i) => (value - share * dot(columns[i], inner)) / ridge);
  };
}

/** Returns the sum of the squares. @param {readonly Float64Array[]} vectors */
const total = (vectors) => vectors.reduce((sum, vector) => sum + dot(vector, vector), 0);
