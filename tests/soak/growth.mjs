// Whether a series of measurements grows.

import { summarize } from '../../bench/race/stats.mjs';

const median = (/** @type {number[]} */ values) => summarize(values).median;

/** What is measured, in bytes but for `buffers`. @typedef {'wasm' | 'heap' | 'resident' | 'gpu' | 'buffers'} Measure */

/** @typedef {{at: number} & Partial<Record<Measure, number>>} Sample `at`: how many repetitions were done */

/** The part of a run that is its warm-up: caches fill, compilers compile, pools find their size. */
const WARM_UP = 0.25;

/**
 * What a measure may still gain after the warm-up. Memory of wasm and of the GPU is the library's own to the byte; a heap is
 * measured after a collection, which keeps what it likes; what the system counts as resident depends on what else runs.
 * @type {Record<Measure, number>}
 */
export const ALLOWED = { wasm: 0, gpu: 0, buffers: 0, heap: 2e6, resident: Infinity };

/**
 * What each measure gained after the warm-up: the median of its last quarter less that of its second.
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

/** The measures that gained more than they may. @param {Partial<Record<Measure, number>>} gained */
export const grown = (gained) =>
  /** @type {[Measure, number][]} */ (Object.entries(gained)).filter(([measure, bytes]) => !(bytes <= ALLOWED[measure])).map(([measure]) => measure);
