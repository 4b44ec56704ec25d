// The tables of measured times in the documents, generated from the benchmarks' reports:
//
//     cargo xtask bench cpu --size 128 --out bench/results/resnet18-128
//     node docs/site/tables.mjs
//
// Each table replaces the text between `<!-- table: NAME -->` and `<!-- end of table -->`. The JavaScript tests compare
// the documents with the generated tables.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const RESULTS = new URL('bench/results/', ROOT);

/**
 * The parts of a report of `cargo xtask bench cpu` that the tables need.
 * @typedef {object} Row
 * @property {string} name
 * @property {number} threads
 * @property {{median: number} | null} ms
 * @property {number | null} ratio to onnxruntime-web
 * @property {number | null} gzippedBytes
 *
 * @typedef {{title: string, conditions: Record<string, string>, rows: Row[]}} Report
 */

/** @returns {Map<string, Report>} by the folder's name */
function reports() {
  const folders = readdirSync(RESULTS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(folders.map(({ name }) => [name, JSON.parse(readFileSync(new URL(`${name}/cpu.json`, RESULTS), 'utf8'))]));
}

const table = (/** @type {string[]} */ head, /** @type {string[][]} */ rows) =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const cell = (/** @type {number | null | undefined} */ value, /** @type {number} */ digits) =>
  value === null || value === undefined ? '' : value.toFixed(digits);

/** Describes the date and the machine in a sentence. @param {Report} report */
function conditions({ title, conditions }) {
  const [, network, input] = /^CPU: (.*), 1×3×(\S+), float32/.exec(title) ?? [];
  const { browser, CPU, date, rounds } = conditions;
  return `${network}, ${input}: ${browser.split(',')[0]} on an ${CPU}, ${date.slice(0, 10)}, median of ${rounds.split(' ')[0]} rounds.`;
}

/** Returns the table of all contestants, with one thread and with two. @param {Report} report */
function contestants(report) {
  const names = [...new Set(report.rows.map(({ name }) => name))];
  const rows = names.map((name) => {
    const [one, two] = [1, 2].map((threads) => report.rows.find((row) => row.name === name && row.threads === threads));
    const ours = name.startsWith('reslens');
    const ratio = (/** @type {Row | undefined} */ row) => {
      const text = cell(row?.ratio, 2);
      return ours && text ? `**${text}**` : text;
    };
    const bytes = one?.gzippedBytes ?? two?.gzippedBytes;
    return [
      ours ? name.replace('reslens', '**reslens**,') : name,
      cell(one?.ms?.median, 1), ratio(one), cell(two?.ms?.median, 1), ratio(two), bytes ? `${(bytes / 1e6).toFixed(2)} MB` : '',
    ];
  });
  const head = ['', '1 thread, ms', '÷ onnxruntime-web', '2 threads, ms', '÷ onnxruntime-web', 'js + wasm, gzip'];
  // A run of only our engines has no ratios.
  const filled = head.map((_, column) => column === 0 || rows.some((row) => row[column] !== ''));
  const kept = (/** @type {string[]} */ cells) => cells.filter((_, column) => filled[column]);
  return `${table(kept(head), rows.map(kept))}\n\n${conditions(report)}`;
}

/**
 * The results of the lab's presets, as `cargo xtask lab --seeds 5 --out bench/results/lab.json` writes them, and those of
 * `cargo xtask lab --rates --seeds 3 --out bench/results/lab-rates.json deep very-deep`.
 * @typedef {object} Outcome
 * @property {number} testAccuracy
 * @property {number} firstLoss
 * @property {number} lastLoss
 * @property {number} changed
 * @property {number} weights
 * @property {{steps: number, seconds: number} | null} reached
 * @property {number} msPerStep
 *
 * @typedef {object} LabReport
 * @property {{date: string, node: string, CPU: string}} conditions
 * @property {number[]} seeds
 * @property {{preset: string, twin: string, depth: number, rate: number, outcomes: Outcome[]}[]} rows
 */

/** Formats lowest, median and highest, or the common value. @param {number[]} values @param {number} digits */
function spread(values, digits) {
  const sorted = values.toSorted((a, b) => a - b).map((value) => value.toFixed(digits));
  const [low, middle, high] = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]];
  return low === high ? low : `${low} · **${middle}** · ${high}`;
}

/** Describes the seeds and the machine. @param {LabReport} report */
function labConditions({ conditions: { date, node, CPU }, seeds }) {
  const seed = `seeds ${seeds[0]} to ${seeds[seeds.length - 1]}: the lowest, the median and the highest`;
  return `Of ${seed}. Node.js ${node.slice(1)} on an ${CPU}, one thread, ${date}.`;
}

const accuracies = (/** @type {Outcome[]} */ outcomes) => spread(outcomes.map(({ testAccuracy }) => 100 * testAccuracy), 1);

/** Returns the table of all presets, plain and residual. @param {LabReport} report */
function presets(report) {
  const cells = report.rows.map(({ preset, twin, depth, outcomes }) => {
    const all = outcomes.every(({ changed, weights }) => changed === weights);
    const reached = outcomes.flatMap(({ reached }) => reached ?? []);
    const some = reached.length === outcomes.length ? '' : ` (${reached.length} of ${outcomes.length} seeds)`;
    return [
      `\`${preset}\``, String(depth), twin,
      accuracies(outcomes),
      spread(outcomes.map(({ lastLoss }) => lastLoss), 2),
      all ? 'all' : `${spread(outcomes.map(({ changed }) => changed), 0)} of ${outcomes[0].weights}`,
      reached.length === 0 ? 'never' : spread(reached.map(({ steps }) => steps), 0) + some,
      reached.length === 0 ? '' : spread(reached.map(({ seconds }) => seconds), 1),
      spread([outcomes.map(({ msPerStep }) => msPerStep).toSorted((a, b) => a - b)[outcomes.length >> 1]], 1),
    ];
  });
  const head = [
    'preset', 'layers', 'twin', 'test accuracy, %', 'loss, last epoch', 'changed weights, conv 1 to 3', 'steps to 90 %', 's to 90 %', 'ms a step',
  ];
  return `${table(head, cells)}\n\n${labConditions(report)} Times are CPU time of the steps.`;
}

/** Returns the table of test accuracies with several rates. @param {LabReport} report */
function rates(report) {
  const columns = [...new Set(report.rows.map(({ rate }) => rate))].toSorted((a, b) => a - b);
  const name = (/** @type {LabReport['rows'][0]} */ { preset, twin }) => `\`${preset}\`, ${twin}`;
  const cells = [...new Set(report.rows.map(name))].map((twin) => {
    const of = report.rows.filter((row) => name(row) === twin);
    return [twin, ...columns.map((column) => of.filter(({ rate }) => rate === column).map(({ outcomes }) => accuracies(outcomes)).join())];
  });
  const head = ['test accuracy, %', ...columns.map((rate) => `rate ${Number(rate.toPrecision(2))}`)];
  return `${table(head, cells)}\n\n${labConditions(report)}`;
}

/** Returns the tables by their names. @returns {Map<string, string>} */
function tables() {
  const lab = (/** @type {string} */ file) => /** @type {LabReport} */ (JSON.parse(readFileSync(new URL(file, RESULTS), 'utf8')));
  const made = new Map([...reports()].map(([name, report]) => [name, contestants(report)]));
  return made.set('lab', presets(lab('lab.json'))).set('lab-rates', rates(lab('lab-rates.json')));
}

/**
 * Returns the documents as they are, and as they should be.
 * @returns {{path: string, text: string, expected: string}[]}
 */
export function documents() {
  const made = tables();
  const paths = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return paths.map((path) => {
    const text = readFileSync(new URL(path, ROOT), 'utf8');
    const expected = text.replace(/(<!-- table: (\S+) -->\n)[^]*?(<!-- end of table -->)/g, (_, begin, name, end) => {
      const found = made.get(name);
      if (found === undefined) throw new Error(`${path}: no table is called ${name}; there are ${[...made.keys()].join(', ')}`);
      return `${begin}\n${found}\n\n${end}`;
    });
    return { path, text, expected };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, text, expected } of documents()) {
    if (text !== expected) writeFileSync(new URL(path, ROOT), expected);
  }
}
