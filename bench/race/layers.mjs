// Where our engine spends its time: each layer by itself, on one thread, in the browser; and the times of the
// algorithms that were not chosen.

import { sum, summarize } from './stats.mjs';

/** @import { Browser } from 'playwright-core' */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {number[]} output height, width, channels
 * @property {string} algorithm
 * @property {number} direct millions of products of a direct convolution
 * @property {number} products millions of products that are computed
 * @property {number[]} ms of each round
 */

/**
 * @typedef {Layer & {median: number, others: Record<string, number>}} TimedLayer `others` has the median times
 *   of every algorithm, by its name
 * @typedef {{peak: number, layers: TimedLayer[]}} Layers `peak` in billions of products a second
 */

/** The names of the algorithms that a convolution may choose from. */
const CHOICES = ['direct', 'F(2×2)', 'F(4×4)'];

/**
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {{architecture: string, size: number, rounds: number}} task
 * @returns {Promise<Layers>}
 */
export async function timeLayers(browser, url, task) {
  const { peak, layers } = await onPage(browser, url, task, async ({ architecture, size, rounds }) => {
    const module = '/layers/reslens-bench-layers-cpu.js';
    const glue = await import(module);
    await glue.default({ module_or_path: '/layers/reslens-bench-layers-cpu.wasm' });
    const layers = glue.timeLayers(architecture, size, rounds);
    const bursts = Array.from({ length: 500 }, () => glue.burstGmacs());
    return { peak: Math.max(...bursts), layers: JSON.parse(layers) };
  });
  const [chosen, ...forced] = /** @type {Layer[][]} */ (layers);
  const median = (/** @type {Layer} */ layer) => summarize(layer.ms).median;
  const timed = chosen.map((layer, index) => {
    const others = forced.map((network) => [network[index].algorithm, median(network[index])]);
    return { ...layer, median: median(layer), others: Object.fromEntries(others) };
  });
  return { peak, layers: timed };
}

/**
 * Runs `body` on a page of the site and closes it afterwards.
 * @template Task, Result
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {Task} task
 * @param {(task: Task) => Promise<Result>} body
 * @returns {Promise<Result>}
 */
export async function onPage(browser, url, task, body) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${url}bench/page.html`);
    return await page.evaluate(/** @type {(task: any) => Promise<Result>} */ (body), task);
  } finally {
    await context.close();
  }
}

/**
 * A table in Markdown.
 * @param {string[]} head
 * @param {number[]} texts the columns that are not numbers
 * @param {string[][]} lines
 */
export function tableOf(head, texts, lines) {
  const rule = head.map((_, column) => (texts.includes(column) ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {Layers | string} timed or the reason why there are none */
export function layersTable(timed) {
  if (typeof timed === 'string') return `No times of our layers: ${timed}`;
  const { peak, layers } = timed;
  const row = (/** @type {{name: string, output: string, algorithm: string, direct: number, products: number, median: number, others?: Record<string, number>}} */ l) => [
    l.name,
    l.output,
    l.algorithm,
    l.median.toFixed(2),
    (l.products / l.median).toFixed(1),
    `${((100 * l.products) / l.median / peak).toFixed(0)} %`,
    ((2 * l.direct) / l.median).toFixed(1),
    ...CHOICES.map((name) => l.others?.[name]?.toFixed(2) ?? ''),
  ];
  const lines = layers.map((layer) => row({ ...layer, output: layer.output.join('×') }));
  lines.push(
    row({
      name: '**all**',
      output: '',
      algorithm: '',
      direct: sum(layers, ({ direct }) => direct),
      products: sum(layers, ({ products }) => products),
      median: sum(layers, ({ median }) => median),
    }),
  );
  const head = ['layer', 'output', 'algorithm', 'ms', 'GMAC/s', 'of the peak', 'GFLOP/s, direct', ...CHOICES];
  return `## Our layers, on one thread

${tableOf(head, [0, 1, 2], lines)}

Medians, each layer timed by itself with relaxed SIMD. GMAC/s and the share count the products that are
computed (Winograd needs 36 for 144 or 16 for 36, and computes whole tiles); GFLOP/s count what a direct
convolution would need, as is usual. The last columns are the times with each algorithm. Peak: ${peak.toFixed(1)} GMAC/s in eight independent chains of
fused vectors, measured right after.`;
}
