// Linear equations with a symmetric positive definite matrix, by its Cholesky factor (Golub and Van Loan, Matrix
// Computations, section 4.2). It needs only additions, products, quotients and roots, which every machine rounds
// alike: the same matrix gives the same bits.

/**
 * Returns the products of all pairs of rows: A·Aᵀ.
 * @param {readonly Float64Array[]} rows of equal length
 * @returns {Float64Array[]} the lower triangle: row i has i + 1 entries
 */
export const gram = (rows) =>
  rows.map((row, i) => {
    const products = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      const other = rows[j];
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k] * other[k];
      products[j] = sum;
    }
    return products;
  });

/**
 * Replaces a matrix A by its factor L, with L·Lᵀ = A.
 * @param {Float64Array[]} lower the lower triangle of a symmetric positive definite matrix
 */
export function factorise(lower) {
  lower.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const other = lower[j];
      let sum = row[j];
      for (let k = 0; k < j; k++) sum -= row[k] * other[k];
      row[j] = i === j ? Math.sqrt(sum) : sum / other[j];
    }
  });
}

/**
 * Solves L·Lᵀ·x = b.
 * @param {readonly Float64Array[]} factor as `factorise` returns it
 * @param {Float64Array} b
 * @returns {Float64Array} x
 */
export function solve(factor, b) {
  const x = b.slice();
  for (let i = 0; i < x.length; i++) {
    const row = factor[i];
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= row[k] * x[k];
    x[i] = sum / row[i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    const row = factor[i];
    x[i] /= row[i];
    for (let k = 0; k < i; k++) x[k] -= row[k] * x[i];
  }
  return x;
}
