/**
 * The ledger and a sweep as files: CSV with a line for each block, JSON with the library's field names.
 *
 * @typedef {import('../types.js').BlockStats} BlockStats
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').State} State
 * @typedef {import('../types.js').SweepState} SweepState
 */

const LEDGER = /** @type {const} */ (['block', 'shortcut', 'residual', 'sum', 'output', 'ratio', 'cosine', 'clipped']);

/** @param {readonly BlockStats[]} stats */
export function ledgerCsv(stats) {
  return csv([LEDGER, ...stats.map((block) => LEDGER.map((key) => block[key]))]);
}

/** The ledger with the picture, the network and the answer that it is about. @param {State} state */
export function ledgerJson({ answer, model }) {
  if (!answer || !model) return '';
  const { subject, predictions, ablated, stats } = answer;
  return json({ picture: subject.title, model: modelRecord(model), ablate: ablated, top: predictions[0], blocks: stats });
}

/** A line for each block and path. @param {SweepState} state */
export function sweepCsv({ residual, shortcut }) {
  const head = ['path', 'block', 'class', 'probability', 'logit', 'baseline probability', 'top', 'top probability'];
  const lines = [residual, shortcut].flatMap((sweep) => sweep?.blocks.map(({ block, probability, logit, top }) =>
    [sweep.path, block, sweep.label, probability, logit, sweep.baseline.probability, top.label, top.probability]) ?? []);
  return csv([head, ...lines]);
}

/** @param {SweepState} state */
export function sweepJson({ title, model, residual, shortcut }) {
  return json({ picture: title, model: modelRecord(model), sweeps: [residual, shortcut].filter(Boolean) });
}

/** @param {Model} model */
function modelRecord({ architecture, sha256 }) {
  return { architecture, sha256 };
}

/** @param {unknown} record */
function json(record) {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Formats lines by RFC 4180. @param {readonly (readonly (string|number|null)[])[]} lines */
export function csv(lines) {
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

/** @param {string|number|null} cell null is left empty */
function cellText(cell) {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
