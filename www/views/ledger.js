/**
 * The ledger of the block in the close-up: ratio, cosine and clipped share, each with its course over the last ten seconds
 * of a live picture, or over the blocks of a still.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {'ratio'|'cosine'|'clipped'} Key
 */

import { percent } from '../app/text/format.js';
import { History } from '../app/text/history.js';
import { cosineText, ledgerWords, ratioText } from '../app/text/ledger.js';
import { cameraOpen, openedBlock } from '../app/text/state.js';
import { need, setText } from './dom.js';
import { Sparkline } from './sparkline.js';

export const id = 'ledger';

/** The shortest time between drawings of the lines, in ms. */
const PAUSE_MS = 100;

/** The shortest time between changes of live texts, in ms. */
const WORDS_PAUSE_MS = 1000;

const KEYS = /** @type {Key[]} */ (['ratio', 'cosine', 'clipped']);

/** @param {HTMLElement} root @returns {Update} */
export function mount(root) {
  const words = need(root, '#ledger-words', HTMLElement);
  const course = need(root, '#ledger-course', HTMLElement);
  const items = KEYS.map((key) => {
    const value = need(root, `[data-key="${key}"] dd`, HTMLElement);
    const line = new Sparkline();
    value.after(line.canvas);
    return { key, value, line };
  });
  const history = new History();
  /** @type {State|null} */
  let last = null;
  let drawn = -Infinity;
  let spoken = -Infinity;
  new ResizeObserver(() => last && drawLines(last)).observe(root);

  return (state) => {
    const before = last;
    last = state;
    const { answer, model, block, phase } = state;
    if (!answer || !model || (answer === before?.answer && block === before.block && phase === before.phase)) return;
    const now = performance.now();
    const live = phase === 'live';
    if (!cameraOpen(state)) history.clear();
    else if (answer !== before?.answer) history.add(now, answer.stats);
    const another = block !== before?.block || !live;
    if (another || now - spoken >= WORDS_PAUSE_MS) showWords(state, now);
    if (another || now - drawn >= PAUSE_MS) drawLines(state);
  };

  /** @param {State} state @param {number} now */
  function showWords(state, now) {
    const { index, shown } = openedBlock(state);
    const stats = state.answer?.stats[index];
    if (!stats || !shown) return;
    spoken = now;
    setText(words, `${ledgerWords(stats, shown)}`);
    setText(course, cameraOpen(state) ? 'the last 10 s' : 'over the blocks');
  }

  /** @param {State} state */
  function drawLines(state) {
    const { index } = openedBlock(state);
    const stats = state.answer?.stats ?? [];
    const now = drawn = performance.now();
    for (const { key, value, line } of items) {
      const number = stats[index]?.[key] ?? null;
      setText(value, key === 'ratio' ? ratioText(number) : key === 'cosine' ? cosineText(number) : percent(number ?? 0));
      const live = cameraOpen(state);
      const points = live ? history.line(index, key, now)
        : stats.map((block, at) => ({ x: stats.length > 1 ? at / (stats.length - 1) : 0, y: block[key] }));
      line.draw(points, rangeOf(key, points), live ? points.length - 1 : index, !live);
    }
  }
}

/** @param {Key} key @param {import('./sparkline.js').Points} points @returns {[low: number, high: number]} */
function rangeOf(key, points) {
  if (key === 'cosine') return [-1, 1];
  if (key === 'clipped') return [0, 1];
  return [0, Math.max(1, ...points.map(({ y }) => y ?? 0))];
}
