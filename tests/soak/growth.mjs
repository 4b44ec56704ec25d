// Detects growth in a series of measurements.

import { summarize } from '../../bench/race/stats.mjs';

const median = (/** @type {number[]} */ values) => summarize(values).median;

/** The measures, in bytes except for `buffers`. @typedef {'wasm' | 'heap' | 'resident' | 'gpu' | 'buffers'} Measure */

/** @typedef {{at: number} & Partial<Record<Measure, number>>} Sample `at`: how many repetitions were done */

/** The share of a run that is its warm-up: caches fill, compilers compile, pools reach their size. */
const WARM_UP = 0.25;

/**
 * How much a measure may still grow after the warm-up. The memory of wasm and of the GPU is the library's, exact to the
 * byte; a heap is measured after a collection, which may leave garbage; resident memory depends on what else runs.
 * @type {Record<Measure, number>}
 */
export const ALLOWED = { wasm: 0, gpu: 0, buffers: 0, heap: 2e6, resident: Infinity };

/**
 * The growth of each measure after the warm-up: the median of its last quarter less that of the first quarter after the
 * warm-up.
 * @param {Sample[]} samples in order, at least eight
 * @returns {Partial<Record<Measure, number>>}
 */
export function growth(samples) {
  if (samples.length < 8) throw new Error(`expected 8 samples or more, found ${samples.length}: repeat more often`);
  const from = Math.floor(samples.length * WARM_UP);
  const quarter = Math.floor(samples.length / 4);
  const measures = /** @type {Measure[]} */ (Object.keys(samples[0]).filter((name) => name !== 'at'));
  return Object.fromEntries(measures.map((measure) => {
    const values = samples.map((sample) => sample[measure] ?? NaN);
    return [measure, median(values.slice(-quarter)) - median(values.slice(from, from + quarter))];
  }));
}

/** The measures that grew more than allowed. @param {Partial<Record<Measure, number>>} gained */
export const grown = (gained) =>
  /** @type {[Measure, number][]} */ (Object.entries(gained)).filter(([measure, bytes]) => !(bytes <= ALLOWED[measure])).map(([measure]) => measure);
