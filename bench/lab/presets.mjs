// Trains the lab's presets, plain and residual, with the wasm file that browsers get, and prints the results as a table
// in Markdown.
//
// Usage: cargo xtask lab [--seeds N] [--rates] [--settings JSON] [--out FILE] [PRESET...]

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { argv, cpuUsage, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Report } from '../../www/lib/worker/lab-report.js';

/** @import { Preset, Result } from '../../www/lab.js' */
/** @import { Lab, LabRun } from '../../www/lib/worker/wasm/train.js' */
/** @typedef {typeof import('../../www/lib/worker/wasm/train.js')} Glue */

/** Convolutions at the start of a network whose changed weights are counted. */
const FIRST = 3;

/** The test accuracy to be reached. */
const GOAL = 0.9;

/** Steps between two tests until it is. */
const BETWEEN = 10;

/** What `--rates` multiplies a preset's rate with. */
const FACTORS = [1 / 9, 1 / 3, 1, 3, 9];

/**
 * The result of one run.
 * @typedef {object} Outcome
 * @property {number} testAccuracy from 0 to 1
 * @property {number} firstLoss of the first step
 * @property {number} lastLoss mean over the last epoch
 * @property {number} changed weights of the first convolutions whose bits differ from the start
 * @property {number} weights of these convolutions
 * @property {{steps: number, seconds: number} | null} reached when a test first gave the accuracy of the goal
 * @property {number} msPerStep
 *
 * Seconds and milliseconds are CPU time of the steps, without the tests.
 *
 * @typedef {{preset: string, twin: 'plain' | 'residual', depth: number, rate: number, outcomes: Outcome[]}} Row
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

/** The share of the test pictures that a network gets right now. @param {LabRun} run */
function accuracy(run) {
  const test = run.test();
  try {
    while (test.advance() < test.total());
    return test.answer().testAccuracy;
  } finally {
    test.free();
  }
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
    /** @type {Outcome['reached']} */
    let reached = null;
    let seconds = 0;
    while (!report.complete) {
      const start = cpuUsage();
      report.makeStep(false);
      const { user, system } = cpuUsage(start);
      seconds += (user + system) / 1e6;
      const { step, loss } = report.last;
      losses.push(loss);
      if (reached === null && step % BETWEEN === 0 && accuracy(run) >= GOAL) reached = { steps: step, seconds };
    }
    /** @type {Result} */
    const { testAccuracy, firstLoss, layers, steps, settings: { epochs } } = report.result(accuracy(run));
    const epoch = losses.slice(-Math.round(steps / epochs));
    const first = [...layers.weights.slice(0, FIRST)];
    return {
      testAccuracy: testAccuracy ?? NaN,
      firstLoss,
      lastLoss: epoch.reduce((sum, loss) => sum + loss, 0) / epoch.length,
      changed: first.reduce((sum, weights, layer) => sum + Math.round(weights * layers.changed[layer]), 0),
      weights: first.reduce((sum, weights) => sum + weights, 0),
      reached,
      msPerStep: (1000 * seconds) / steps,
    };
  } finally {
    run.free();
  }
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** @param {Row} row */
function line({ preset, twin, rate, outcomes }) {
  const each = (/** @type {(outcome: Outcome) => string} */ cell) => outcomes.map(cell).join(', ');
  const cells = [
    `\`${preset}\``, twin, String(Number(rate.toPrecision(2))),
    each(({ testAccuracy }) => (100 * testAccuracy).toFixed(1)),
    each(({ firstLoss, lastLoss }) => `${firstLoss.toFixed(2)} → ${lastLoss.toFixed(2)}`),
    `${each(({ changed }) => String(changed))} of ${outcomes[0].weights}`,
    each(({ reached }) => (reached ? `${reached.steps}: ${reached.seconds.toFixed(1)} s` : 'never')),
    median(outcomes.map(({ msPerStep }) => msPerStep)).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

const { values: options, positionals: [glue, ...wanted] } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' },
    rates: { type: 'boolean', default: false },
    settings: { type: 'string', default: '{}' },
    out: { type: 'string' },
  },
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
console.log(`| preset | twin | rate | test accuracy, % | loss, first step → last epoch | changed in convolutions 1 to ${FIRST} | steps to ${100 * GOAL} % | ms a step |`);
console.log('| --- | --- | --- | --- | --- | --- | --- | ---: |');
for (const { name, depth, rate: usual } of presets) {
  for (const twin of /** @type {const} */ (['plain', 'residual'])) {
    for (const rate of options.rates ? FACTORS.map((factor) => factor * usual) : [changes.rate ?? usual]) {
      const settings = { preset: name, skip: twin === 'residual', ...changes, rate };
      const row = { preset: name, twin, depth, rate, outcomes: seeds.map((seed) => train(lab, { ...settings, seed })) };
      rows.push(row);
      stdout.write(`${line(row)}\n`);
    }
  }
}
const conditions = { date: new Date().toISOString().slice(0, 10), node: process.version, CPU: cpus()[0].model.trim(), settings: changes };
if (options.out) writeFileSync(options.out, `${JSON.stringify({ conditions, seeds, rows }, null, 1)}\n`);
