// Trains the lab's presets, plain and residual, with the wasm file that browsers get, and prints the results as a table
// in Markdown.
//
// Usage: cargo xtask lab [--seeds N] [--settings JSON] [--out FILE] [PRESET...]

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { argv, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Report } from '../../www/lib/worker/lab-report.js';

/** @import { Preset, Result } from '../../www/lab.js' */
/** @import { Lab } from '../../www/lib/worker/wasm/train.js' */
/** @typedef {typeof import('../../www/lib/worker/wasm/train.js')} Glue */

/** Convolutions at the start of a network whose changed weights are counted. */
const FIRST = 3;

/**
 * The result of one run.
 * @typedef {object} Outcome
 * @property {number} testAccuracy from 0 to 1
 * @property {number} firstLoss of the first step
 * @property {number} lastLoss mean over the last epoch
 * @property {number} changed weights of the first convolutions whose bits differ from the start
 * @property {number} weights of these convolutions
 * @property {number} msPerStep test included
 *
 * @typedef {{preset: string, twin: 'plain' | 'residual', depth: number, outcomes: Outcome[]}} Row
 */

/**
 * @param {string} file `reslens-train.js`; the wasm file lies beside it
 * @returns {Promise<Lab>}
 */
async function load(file) {
  const url = pathToFileURL(file);
  const glue = /** @type {Glue} */ (await import(url.href));
  glue.initSync({ module: readFileSync(new URL('reslens-train.wasm', url)) });
  return glue.Lab.load(new Uint8Array(readFileSync(new URL('../../www/lab/digits.bin', import.meta.url))));
}

/**
 * Trains one network to the end.
 * @param {Lab} lab
 * @param {object} settings
 * @returns {Outcome}
 */
function train(lab, settings) {
  const run = lab.run(settings);
  try {
    const report = new Report(run, Infinity);
    /** @type {number[]} */
    const losses = [];
    while (!report.complete) {
      report.makeStep(false);
      losses.push(report.last.loss);
    }
    const test = run.test();
    while (test.advance() < test.total());
    /** @type {Result} */
    const { testAccuracy, firstLoss, layers, seconds, steps, settings: { epochs } } = report.result(test.answer().testAccuracy);
    test.free();
    const epoch = losses.slice(-Math.round(steps / epochs));
    const first = [...layers.weights.slice(0, FIRST)];
    return {
      testAccuracy: testAccuracy ?? NaN,
      firstLoss,
      lastLoss: epoch.reduce((sum, loss) => sum + loss, 0) / epoch.length,
      changed: first.reduce((sum, weights, layer) => sum + Math.round(weights * layers.changed[layer]), 0),
      weights: first.reduce((sum, weights) => sum + weights, 0),
      msPerStep: (1000 * seconds) / steps,
    };
  } finally {
    run.free();
  }
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** @param {Row} row */
function line({ preset, twin, outcomes }) {
  const each = (/** @type {(outcome: Outcome) => string} */ cell) => outcomes.map(cell).join(', ');
  const cells = [
    `\`${preset}\``, twin,
    each(({ testAccuracy }) => (100 * testAccuracy).toFixed(1)),
    each(({ firstLoss, lastLoss }) => `${firstLoss.toFixed(2)} → ${lastLoss.toFixed(2)}`),
    `${each(({ changed }) => String(changed))} of ${outcomes[0].weights}`,
    median(outcomes.map(({ msPerStep }) => msPerStep)).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

const { values: options, positionals: [glue, ...wanted] } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '3' }, settings: { type: 'string', default: '{}' }, out: { type: 'string' } },
});
const lab = await load(glue);
const known = /** @type {Preset[]} */ (lab.presets());
for (const name of wanted) {
  if (!known.some((preset) => preset.name === name)) throw new Error(`expected one of ${known.map((preset) => preset.name).join(', ')}, found ${name}`);
}
const presets = known.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const seeds = Array.from({ length: Number(options.seeds) }, (_, index) => index + 1);
const changes = JSON.parse(options.settings);
/** @type {Row[]} */
const rows = [];
console.log(`| preset | twin | test accuracy, % | loss, first step → last epoch | changed in convolutions 1 to ${FIRST} | ms a step |`);
console.log('| --- | --- | --- | --- | --- | ---: |');
for (const { name, depth } of presets) {
  for (const twin of /** @type {const} */ (['plain', 'residual'])) {
    const outcomes = seeds.map((seed) => train(lab, { preset: name, seed, skip: twin === 'residual', ...changes }));
    rows.push({ preset: name, twin, depth, outcomes });
    stdout.write(`${line(/** @type {Row} */ (rows.at(-1)))}\n`);
  }
}
const conditions = { date: new Date().toISOString().slice(0, 10), node: process.version, CPU: cpus()[0].model.trim(), settings: changes };
if (options.out) writeFileSync(options.out, `${JSON.stringify({ conditions, seeds, rows }, null, 1)}\n`);
