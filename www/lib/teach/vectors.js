// Vectors of features, as double-precision arrays.

/** @typedef {Float32Array | Float64Array} Vector */

/** @param {Vector} a @param {Vector} b of the same length */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {Vector} a @param {Vector} b of the same length */
export const minus = (a, b) => Float64Array.from(a, (value, i) => value - b[i]);

/** Returns the Euclidean length. @param {Vector} vector */
export const length = (vector) => Math.sqrt(dot(vector, vector));

/**
 * Returns a vector of the same direction and another length; 0 stays 0.
 * @param {Vector} vector
 * @param {number} wanted
 */
export function scaled(vector, wanted) {
  const factor = wanted / (length(vector) || 1);
  return Float64Array.from(vector, (value) => value * factor);
}

/**
 * Returns the mean of vectors, added in order.
 * @param {readonly Vector[]} vectors at least one
 */
export function mean(vectors) {
  const sum = new Float64Array(vectors[0].length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i] += vector[i];
  return sum.map((value) => value / vectors.length);
}

/**
 * Returns the cosine of the angle between two vectors; 0 if either is 0.
 * @param {Vector} a
 * @param {Vector} b of the same length
 * @returns {number}
 */
export function cosine(a, b) {
  const size = length(a) * length(b);
  return size > 0 ? dot(a, b) / size : 0;
}
