// The results as Markdown and as JSON.

import { BASELINE, OURS } from './contestants.mjs';
import { blockingTable } from './blocking.mjs';
import { gpuLayersTable } from './gpu-layers.mjs';
import { layersTable, tableOf } from './layers.mjs';
import { lensTable } from './lens.mjs';
import { TOLERANCE } from './rounds.mjs';
import { summarize } from './stats.mjs';

/** @import { Contestant } from './rounds.mjs' */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} threads
 * @property {string | null} problem
 * @property {{min: number, median: number, p95: number} | null} ms
 * @property {{ms: number, atOnce: number} | null} throughput the median, for a contestant that works at several at once
 * @property {number | null} ratio its median ÷ the baseline's at the same number of threads
 * @property {number | null} loadMs
 * @property {number | null} firstMs
 * @property {number | null} gzippedBytes of its JavaScript and wasm
 * @property {number | null} deviation
 * @property {number[]} samples
 */

/**
 * @typedef {object} Outcome
 * @property {string} title
 * @property {Record<string, string>} conditions
 * @property {Row[]} rows
 * @property {import('./layers.mjs').Layers | string | null} layers
 * @property {import('./gpu-layers.mjs').GpuLayer[] | string | null} gpuLayers
 * @property {import('./blocking.mjs').Blocking | string | null} blocking
 * @property {import('./lens.mjs').LensTimes | string | null} lens
 */

/**
 * The results of each contestant. One that failed or was wrong has no times.
 * @param {(Contestant & {name: string, gzippedBytes: number | null})[]} contestants
 * @returns {Row[]}
 */
export function rows(contestants) {
  const summaries = new Map(
    contestants.map((contestant) => {
      const counts = !contestant.problem && contestant.samples.length > 0;
      return [contestant, counts ? summarize(contestant.samples) : null];
    }),
  );
  const baseline = (/** @type {number} */ threads) =>
    summaries.get(
      /** @type {any} */ (contestants.find((c) => c.engine === BASELINE && c.threads === threads)),
    );
  return contestants.map((contestant) => {
    const { name, threads, problem, runner, deviation, samples, throughput, gzippedBytes } = contestant;
    const ms = summaries.get(contestant) ?? null;
    const base = baseline(threads);
    return {
      name,
      threads,
      problem,
      ms,
      throughput:
        ms && throughput.length > 0
          ? { ms: summarize(throughput).median, atOnce: runner?.loaded.atOnce ?? 1 }
          : null,
      ratio: ms && base ? ms.median / base.median : null,
      loadMs: ms && runner ? runner.loaded.loadMs : null,
      firstMs: ms && runner ? runner.loaded.firstMs : null,
      gzippedBytes,
      deviation,
      samples,
    };
  });
}

const COLUMNS = [
  'threads',
  'min ms',
  'median ms',
  'p95 ms',
  `÷ ${BASELINE}`,
  'load ms',
  'first ms',
  'js + wasm gzip kB',
  'logits off by',
];

/**
 * @param {number | null | undefined} value
 * @param {(value: number) => string} format
 */
const cell = (value, format) => (value == null ? '–' : format(value));

const milliseconds = (/** @type {number} */ ms) => ms.toFixed(1);

/** @param {Row[]} rows */
export function table(rows) {
  const lines = rows.map((row) => [
    row.name === OURS || row.name.startsWith(`${OURS} `) ? `**${row.name}**` : row.name,
    String(row.threads),
    cell(row.ms?.min, milliseconds),
    cell(row.ms?.median, milliseconds),
    cell(row.ms?.p95, milliseconds),
    cell(row.ratio, (ratio) => ratio.toFixed(2)),
    cell(row.loadMs, (ms) => ms.toFixed(0)),
    cell(row.firstMs, (ms) => ms.toFixed(0)),
    cell(row.gzippedBytes, (bytes) => (bytes / 1000).toFixed(0)),
    cell(row.deviation, (off) => off.toExponential(1)),
  ]);
  return tableOf(['contestant', ...COLUMNS], [0], lines);
}

/** @param {number} threads */
export const onThreads = (threads) => (threads === 1 ? 'on 1 thread' : `on ${threads} threads`);

/** The contestants that work at several inferences at once, and their gain. @param {Row[]} rows */
const throughputs = (rows) =>
  rows.flatMap(({ name, threads, ms, throughput }) => {
    if (!ms || !throughput) return [];
    const [together, alone] = [throughput.ms, ms.median].map(milliseconds);
    return `- ${name} ${onThreads(threads)}: ${together} ms from answer to answer with ${throughput.atOnce} calls in \
flight (throughput), ${alone} ms one after the other (latency)`;
  });

/** @param {Outcome} outcome */
export function markdown({ title, conditions, rows, layers, gpuLayers, blocking, lens }) {
  const problems = rows.filter((row) => row.problem);
  const parts = [
    `# ${title}`,
    table(rows),
    throughputs(rows).join('\n'),
    problems
      .map(({ name, threads, problem }) => `- ${name} ${onThreads(threads)}: ${problem}`)
      .join('\n'),
    `Contestants take turns in a new order each round; each runs once untimed and once timed, from a
Float32Array to a Float32Array, at its public interface. Ours includes the way to its worker and
back; the others are timed where they run: LiteRT.js in its page, the rest in workers. p95 is by
nearest rank. "Load" goes from a model in memory to ready, with fetching and compiling the code;
"load" and "first" (inference) are single measurements. "Logits off by": largest difference from the
median of all contestants, relative to the largest logit, at the beginning and at the end; above
${TOLERANCE} a contestant is wrong and its times do not count. tfjs caps its threads at half of the logical
cores; its worker is told of twice as many as it shall use. The table's times are of calls that wait for
each other's answers; a contestant that gains by several at once is also measured so, right after each turn.`,
    layers && layersTable(layers),
    gpuLayers && gpuLayersTable(gpuLayers),
    blocking && blockingTable(blocking),
    lens && lensTable(lens),
    Object.entries(conditions)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}
