// Statistics.

/**
 * @param {number[]} samples at least one
 * @returns {{min: number, median: number, p95: number}} p95 by nearest rank
 */
export function summarize(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    min: sorted[0],
    median: median(sorted),
    p95: sorted[Math.ceil(0.95 * sorted.length) - 1],
  };
}

/** @param {number[]} sorted */
function median(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The consensus of the engines: the median of each logit. One wrong engine does not change it.
 * @param {number[][]} answers at least one
 */
export function consensus(answers) {
  const middle = (/** @type {number[]} */ values) =>
    median(values.filter(Number.isFinite).sort((a, b) => a - b));
  const length = Math.round(middle(answers.map((logits) => logits.length)));
  return Array.from({ length }, (_, i) => middle(answers.map((logits) => logits[i])));
}

/**
 * max |logit − reference| / max |reference|; infinite if the answers cannot be compared.
 * @param {number[]} logits
 * @param {number[]} reference
 */
export function deviation(logits, reference) {
  if (logits.length !== reference.length || !logits.every(Number.isFinite)) return Infinity;
  const largest = (/** @type {number[]} */ values) =>
    values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return largest(logits.map((value, i) => value - reference[i])) / largest(reference);
}

/**
 * The order of a round: all orders are about equally likely, and each round's order is the same in every run.
 * @template T
 * @param {T[]} items
 * @param {number} round
 * @returns {T[]}
 */
export function shuffled(items, round) {
  const order = [...items];
  let state = Math.imul(round + 1, 0x9e3779b1);
  for (let last = order.length - 1; last > 0; last--) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/**
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => number} value
 */
export const sum = (items, value) => items.reduce((sum, item) => sum + value(item), 0);
