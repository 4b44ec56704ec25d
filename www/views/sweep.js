/**
 * Which blocks a picture needs: a table that is also a dot plot. It has a row for each block, the most needed first; a
 * full dot is without its F(x), an empty one without its shortcut.
 *
 * @typedef {import('../app/text/sweep.js').Fate} Fate
 * @typedef {import('../app/text/sweep.js').Row} Row
 * @typedef {import('../app/types.js').SweepState} SweepState
 * @typedef {import('../app/types.js').Update} Update
 */

import { fateText, sweepRows, sweepWords } from '../app/text/sweep.js';
import { element, need, setText } from './dom.js';

export const id = 'sweep';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const run = need(root, '#sweep-run', HTMLButtonElement);
  const cancel = need(root, '#sweep-cancel', HTMLButtonElement);
  const progress = need(root, 'progress', HTMLProgressElement);
  const result = need(root, '#sweep-result', HTMLElement);
  const picture = need(root, 'canvas', HTMLCanvasElement);
  const about = need(root, '#sweep-about', HTMLElement);
  const words = need(root, '#sweep-words', HTMLElement);
  const body = need(root, 'tbody', HTMLElement);
  /** @type {SweepState|null} */
  let drawn = null;

  run.addEventListener('click', () => actions.runSweep());
  cancel.addEventListener('click', () => actions.cancelSweep());

  return ({ sweep, answer }) => {
    run.disabled = !answer || Boolean(sweep?.running);
    if (sweep === drawn) return;
    const another = sweep?.picture !== drawn?.picture;
    const changed = another || sweep?.residual !== drawn?.residual || sweep?.shortcut !== drawn?.shortcut;
    const running = Boolean(sweep?.running);
    // The pressed button disappears: the focus must not move to the page.
    const focus = root.contains(document.activeElement) && running !== Boolean(drawn?.running);
    drawn = sweep;
    cancel.hidden = progress.hidden = !running;
    result.hidden = !sweep;
    if (focus) (running ? cancel : run).focus();
    if (!sweep) return;
    progress.max = sweep.total;
    progress.value = sweep.done;
    if (another) drawPicture(picture, sweep.picture);
    setText(about, running ? `${sweep.title}: ${sweep.done} of ${sweep.total} runs` : sweep.title);
    setText(words, running ? '\u00a0' : sweepWords(sweep));
    if (changed) drawRows(sweep);
  };

  /** @param {SweepState} sweep */
  function drawRows(sweep) {
    const baseline = sweep.residual?.baseline.probability ?? 0;
    body.replaceChildren(...sweepRows(sweep).map((row) => {
      const open = element('button', { type: 'button', class: 'link' }, [row.block]);
      open.addEventListener('click', () => actions.openBlock(row.block));
      const name = element('th', { role: 'rowheader', scope: 'row' }, [open, row.projection ? ' projection' : '']);
      return element('tr', { role: 'row' }, [name, plot(row, baseline), fateCell(row.residual), fateCell(row.shortcut)]);
    }));
  }
}

/** @param {Row} row @param {number} baseline */
function plot({ residual, shortcut }, baseline) {
  const marks = [mark('baseline', baseline), mark(dotClass(residual), residual.probability)];
  if (shortcut) marks.push(mark(`${dotClass(shortcut)} hollow`, shortcut.probability));
  return element('td', { role: 'cell', class: 'plot', 'aria-label': 'see the numbers' }, [element('div', {}, marks)]);
}

/** @param {Fate} fate */
function dotClass({ changed }) {
  return changed ? 'dot changed' : 'dot';
}

/** @param {string} kind @param {number} probability */
function mark(kind, probability) {
  const made = element('span', { class: kind });
  made.style.left = `${100 * probability}%`;
  return made;
}

/** @param {Fate|null} fate */
function fateCell(fate) {
  return element('td', { role: 'cell', class: fate?.changed ? 'changed' : 'same' }, [fateText(fate)]);
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} picture */
function drawPicture(canvas, picture) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
}
