// A linear discriminant with a shrunken covariance, in closed form: no steps, no learning rate, and a fully
// connected layer as the result.
//
// All classes share the covariance S of the examples about the means of their classes. With a few examples in
// hundreds of dimensions S says little, so that it is mixed with the multiple of the identity that has its trace
// (Friedman 1989, "Regularized discriminant analysis"): Σ = λ·tr(S)/D·I + (1 − λ)·S.

import { factorise, gram, solve } from './cholesky.js';
import { dot, mean, minus } from './vectors.js';

/**
 * Examples of classes.
 * @typedef {object} Examples
 * @property {readonly Float32Array[]} features `[D]` each
 * @property {readonly number[]} classes of each its class, from 0
 * @property {number} count of the classes; each has an example
 */

/**
 * A fully connected layer.
 * @typedef {object} Head
 * @property {readonly Float32Array[]} weights `[D]` of each class
 * @property {Float32Array} biases one of each class
 */

/** How much of the covariance is the identity's: the best of those measured, from 5 to 40 examples a class. */
const SHRINKAGE = 0.9;

/**
 * The means of the classes.
 * @param {Examples} examples
 */
export const classMeans = ({ features, classes, count }) =>
  Array.from({ length: count }, (_, index) => mean(features.filter((_, i) => classes[i] === index)));

/**
 * Fits a discriminant; its classes are taken as equally probable.
 * @param {Examples} examples
 * @param {number} [shrinkage] λ, above 0 and at most 1
 * @returns {Head} its logits differ from the log-likelihoods by what all classes share
 */
export function fit(examples, shrinkage = SHRINKAGE) {
  const means = classMeans(examples);
  const centre = mean(means);
  const directions = means.map((each) => minus(each, centre));
  const residuals = examples.features.map((each, i) => minus(each, means[examples.classes[i]]));
  const solveCovariance = covariance(residuals, directions, shrinkage);
  const weights = directions.map((direction) => solveCovariance(direction));
  const biases = weights.map((weight, i) => -dot(weight, centre) - dot(weight, directions[i]) / 2);
  return { weights: weights.map((each) => Float32Array.from(each)), biases: Float32Array.from(biases) };
}

/**
 * The logits of a picture.
 * @param {Head} head
 * @param {Float32Array} features `[D]`
 */
export const logits = ({ weights, biases }, features) => weights.map((weight, i) => dot(weight, features) + biases[i]);

/**
 * The inverse of the shrunken covariance, as a function of the vector that it is applied to. Of N residuals in D
 * dimensions the smaller of two equivalent systems is solved: the D×D one, or by Woodbury's identity the N×N one.
 * @param {readonly Float64Array[]} residuals `[D]` of each example, about the mean of its class
 * @param {readonly Float64Array[]} directions of the classes from their centre
 * @param {number} shrinkage
 * @returns {(vector: Float64Array) => Float64Array}
 */
function covariance(residuals, directions, shrinkage) {
  const [n, d] = [residuals.length, directions[0].length];
  const freedom = Math.max(n - directions.length, 1);
  const trace = total(residuals) / freedom;
  // Examples without any spread: the distance of the classes is the only measure there is.
  const ridge = (shrinkage * trace || total(directions) / directions.length || d) / d;
  const share = (1 - shrinkage) / freedom;
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

/** The sum of the squares. @param {readonly Float64Array[]} vectors */
const total = (vectors) => vectors.reduce((sum, vector) => sum + dot(vector, vector), 0);
