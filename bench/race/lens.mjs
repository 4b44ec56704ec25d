// The cost of looking into the network: frames with statistics, maps, evidence and features beside plain ones, and a
// sweep, all in one run and in a new order each round.

import { onPage, tableOf } from './layers.mjs';
import { shuffled, summarize } from './stats.mjs';

/** @import { Browser } from 'playwright-core' */

/** The calls that are timed. */
const KINDS = /** @type {const} */ (['plain', 'stats', 'taps', 'taps and stats', 'cam', 'features', 'sweep']);

/** @typedef {typeof KINDS[number]} Kind */

/**
 * For each kind, the ms of every round, in the same order of rounds; and how many blocks a sweep leaves out.
 * @typedef {{ms: Record<Kind, number[]>, blocks: number}} LensTimes
 */

/**
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {{backend: 'cpu' | 'webgpu', size: number, warmup: number, rounds: number}} task
 * @returns {Promise<LensTimes>}
 */
export function timeLens(browser, url, { backend, size, warmup, rounds }) {
  const orders = Array.from({ length: warmup + rounds }, (_, round) => shuffled([...KINDS], round));
  return onPage(browser, url, { backend, size, warmup, orders }, async ({ backend, size, warmup, orders }) => {
    const module = '/reslens/reslens.js';
    const { Classifier } = await import(module);
    const classifier = await Classifier.load({ model: '/model/model.safetensors', backend, threads: 1 });
    const shape = [1, 3, size, size];
    const input = new Float32Array(3 * size * size).map((_, i) => Math.sin(0.37 * i));
    const logits = (/** @type {object} */ options) => () => classifier.logits(input, { shape, ...options });
    /** @type {Record<Kind, () => Promise<unknown>>} */
    const calls = {
      plain: logits({}),
      stats: logits({ stats: 'all' }),
      taps: logits({ taps: 'all' }),
      'taps and stats': logits({ taps: 'all', stats: 'all' }),
      cam: logits({ cam: true }),
      features: logits({ features: true }),
      sweep: () => classifier.sweep(input, { shape }),
    };
    /** @type {Record<Kind, number[]>} */
    const ms = { plain: [], stats: [], taps: [], 'taps and stats': [], cam: [], features: [], sweep: [] };
    for (const [round, order] of orders.entries()) {
      for (const kind of order) {
        await calls[kind](); // so that none pays for the cache state that the previous one left
        const start = performance.now();
        await calls[kind]();
        if (round >= warmup) ms[kind].push(performance.now() - start);
      }
    }
    const blocks = classifier.model.blocks.length;
    await classifier.dispose();
    return { ms, blocks };
  });
}

/** @param {LensTimes | string} times or the reason why there are none */
export function lensTable(times) {
  if (typeof times === 'string') return `No times of the lens: ${times}`;
  const { ms, blocks } = times;
  const bound = (blocks + 3) / 2;
  /** @type {[string, Kind, Kind, string][]} */
  const rows = [
    ['statistics of all blocks', 'stats', 'plain', ''],
    ['all maps', 'taps', 'plain', ''],
    ['statistics beside all maps', 'taps and stats', 'taps', ''],
    ['evidence for the top class', 'cam', 'plain', ''],
    ['features of the last stage', 'features', 'plain', ''],
    [`sweep over ${blocks} blocks`, 'sweep', 'plain', `at most ${bound} frames`],
  ];
  const lines = rows.map(([what, kind, base, allowed]) => {
    const ratios = ms[kind].map((time, round) => time / ms[base][round]);
    const ratio = summarize(ratios).median;
    const cost = kind === 'sweep' ? `${ratio.toFixed(2)} frames` : `${(100 * (ratio - 1)).toFixed(1)} %`;
    return [what, summarize(ms[kind]).median.toFixed(2), `${base === 'taps' ? 'all maps' : base}`, cost, allowed];
  });
  return `## Looking into the network

${tableOf(['with', 'median ms', 'compared with', 'costs', ''], [0, 2, 4], lines)}

A plain frame takes ${summarize(ms.plain).median.toFixed(2)} ms (median), on one thread where it is the CPU's. What it
costs is the median of the rounds' ratios; in a round, each call is made once untimed and once timed.`;
}
