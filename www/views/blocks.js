/**
 * The block grid: for each block of the model, the shortcut's part, F(x), and the sum.
 * A table with a row for each block; on wide screens the style sheet lays its rows out as columns.
 *
 * @typedef {import('../app/types.js').Answer} Answer
 * @typedef {import('../app/types.js').Block} Block
 * @typedef {import('../app/types.js').Model} Model
 * @typedef {import('../app/types.js').Part} Part
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {{name: string, part: Part, cell: HTMLElement, map: MapCanvas}} Cell
 * @typedef {{bar: HTMLElement, low: HTMLElement, high: HTMLElement}} Legend
 * @typedef {{header: HTMLElement, foot: HTMLElement, legend: Legend, bars: LedgerBars, cells: Cell[]}} Column
 */

import { MAGNITUDE_GRADIENT, SIGNED_GRADIENT } from '../app/text/colors.js';
import { isCut } from '../app/text/cuts.js';
import { architectureName, figure, size } from '../app/text/format.js';
import { ledgerScale } from '../app/text/ledger.js';
import { ADDENDS, addsUp, describe, pointedMap, scaleOf, stripMaps } from '../app/text/maps.js';
import { addend, partLabel, shortcutName, weightedLayers } from '../app/text/network.js';
import { isMirrored } from '../app/text/state.js';
import { element, need, setText } from './dom.js';
import { LedgerBars } from './ledger-bars.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'blocks';

/** Rows of the empty grid, before the model is known. */
const EMPTY_ROWS = 8;

const REST_NOTE = 'The outlined square is what the network sees. Point at a map to lay it over the picture.';

/** Time for drawing maps within one animation frame; the others follow in the next. */
const DRAW_MS = 6;

/** Live texts of the maps change at most once in this time. */
const TEXT_PAUSE_MS = 1000;

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const heading = need(root, 'h2 > b', HTMLElement);
  const counts = need(root, 'h2 > span', HTMLElement);
  const table = need(root, 'table', HTMLElement);
  const body = need(root, 'tbody', HTMLElement);
  const truth = need(root, '#strip-truth', HTMLElement);
  const note = need(root, '#map-note', HTMLElement);
  const reduce = need(root, '#reduce', HTMLSelectElement);
  const scale = need(root, '#scale', HTMLSelectElement);
  const smooth = need(root, '#smooth', HTMLInputElement);
  /** @type {Column[]} */
  let columns = [];
  /** @type {State|null} */
  let last = null;
  /** When the texts of the maps changed, ms. */
  let described = 0;
  /** The last drawn column, and the number of those not yet drawn. */
  let drawn = 0;
  let left = 0;

  body.replaceChildren(...Array.from({ length: EMPTY_ROWS }, emptyRow));
  reduce.addEventListener('change', () =>
    actions.configure({ reduce: /** @type {'mean'} */ (reduce.value) }));
  scale.addEventListener('change', () => actions.configure({ scale: /** @type {'all'} */ (scale.value) }));
  smooth.addEventListener('change', () => actions.configure({ smooth: smooth.checked }));
  body.addEventListener('keydown', onKey);
  body.addEventListener('pointerleave', () => actions.setPointedMap(null));

  return (state) => {
    const { model, answer, settings } = state;
    if (model && model !== last?.model) build(model);
    root.classList.toggle('smooth', settings.smooth);
    reduce.value = settings.reduce;
    setText(note, noteOf(state));
    const changed = answer && (answer !== last?.answer || settings !== last?.settings);
    if (state.block !== last?.block || model !== last?.model) markOpen(columns, state);
    last = state;
    if (!changed) return;
    const waiting = left > 0;
    left = columns.length;
    setText(truth, truthOf(answer));
    if (!waiting) drawColumns();
  };

  /** @param {Model} model */
  function build(model) {
    const { blocks, architecture } = model;
    setText(heading, `Inside ${architectureName(architecture)}`);
    setText(counts, `${blocks.length} residual blocks, ${weightedLayers(blocks)} weighted layers`);
    // The style sheet sizes the cells by it.
    document.documentElement.style.setProperty('--blocks', String(blocks.length));
    body.replaceChildren();
    left = 0;
    drawn = blocks.length - 1;
    columns = blocks.map((block) => {
      const header = element('th', { role: 'rowheader', scope: 'row' }, [block.name]);
      const cells = ADDENDS.map((part) => makeCell(block, part));
      cells.forEach(listen);
      const legend = { bar: element('span', { class: 'legend-bar' }), low: element('span', {}, ['0']), high: element('span') };
      const bars = new LedgerBars(block);
      const foot = element('td', { role: 'gridcell', class: 'block-foot' }, [
        element('span', { class: 'legend' }, [legend.low, legend.bar, legend.high]),
        bars.element,
        element('span', { class: 'skip' }, [shortcutName(block)]),
        element('span', {}, [size(block.shape)]),
      ]);
      body.append(element('tr', { role: 'row' }, [header, ...cells.map(({ cell }) => cell), foot]));
      return { header, foot, legend, bars, cells };
    });
    columns[0].cells[0].cell.tabIndex = 0;
  }

  /** @param {Cell} cell */
  function listen({ name, part, cell }) {
    const point = () => actions.setPointedMap({ block: name, part, origin: 'grid' });
    cell.addEventListener('pointerenter', point);
    cell.addEventListener('focus', () => {
      for (const { cell: other } of columns.flatMap(({ cells }) => cells)) other.tabIndex = -1;
      cell.tabIndex = 0;
      point();
    });
    cell.addEventListener('blur', () => actions.setPointedMap(null));
    cell.addEventListener('click', () => actions.openBlock(name));
  }

  /** Draws as many columns in turn as fit in one animation frame. */
  function drawColumns() {
    const state = last;
    if (!state?.answer) {
      left = 0;
      return;
    }
    const { answer, settings, phase } = state;
    const rms = ledgerScale(answer.stats);
    const shared = settings.scale === 'all' ? scaleOf(stripMaps(answer.taps), answer.reduce) : null;
    const start = performance.now();
    const withTexts = phase !== 'live' || start - described > TEXT_PAUSE_MS;
    do {
      drawn = (drawn + 1) % columns.length;
      left -= 1;
      drawColumn(columns[drawn], drawn, state, { shared, rms, withTexts });
    } while (left > 0 && performance.now() - start < DRAW_MS);
    if (left > 0) requestAnimationFrame(drawColumns);
    else if (withTexts) described = start;
  }

  /** Arrow keys move as the grid is laid out: blocks side by side or below each other. @param {KeyboardEvent} event */
  function onKey(event) {
    const at = columns.findIndex(({ cells }) => cells.some(({ cell }) => cell === document.activeElement));
    if (at < 0) return;
    const row = columns[at].cells.findIndex(({ cell }) => cell === document.activeElement);
    if (event.key === 'Enter' || event.key === ' ') {
      actions.openBlock(columns[at].cells[row].name);
      event.preventDefault();
      return;
    }
    const sideBySide = getComputedStyle(table).gridAutoFlow.startsWith('column');
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const [blocks, parts] = sideBySide ? [dx, dy] : [dy, dx];
    const target = event.key === 'Home' ? columns[0].cells[row]
      : event.key === 'End' ? columns[columns.length - 1].cells[row]
        : blocks || parts ? columns[at + blocks]?.cells[row + parts] : undefined;
    if (!target) return;
    target.cell.focus();
    event.preventDefault();
  }
}

function emptyRow() {
  const cells = ADDENDS.map(() => element('td', { class: 'map-cell' }, [element('div', { class: 'map' })]));
  return element('tr', { 'aria-hidden': 'true' }, [element('th', {}, ['\u00a0']), ...cells, element('td', { class: 'block-foot' })]);
}

/** @param {Block} block @param {Part} part @returns {Cell} */
function makeCell(block, part) {
  const map = new MapCanvas('map');
  const name = part === 'shortcut' ? addend(block) : part;
  map.name(block.name, name);
  const cell = element('td', { role: 'gridcell', class: 'map-cell', tabindex: '-1' }, [map.canvas]);
  cell.setAttribute('aria-label', `${block.name}, ${partLabel(block, part)}`);
  return { name: block.name, part, cell, map };
}

/**
 * Draws one block's maps on one scale, their legend, and its ledger.
 * @param {Column} column
 * @param {number} index of the block
 * @param {State} state
 * @param {{shared: import('../app/text/maps.js').Scale|null, rms: number, withTexts: boolean}} how `shared`: the
 *   scale of all maps, `rms`: that of all bars; `withTexts`: also describes the maps in words
 */
function drawColumn({ cells, legend, bars, header, foot }, index, { answer, model, settings }, { shared, rms, withTexts }) {
  const tap = answer?.taps[index];
  if (!answer || !model || !tap) return;
  const { reduce, subject } = answer;
  const mirrored = isMirrored(subject, settings);
  const scale = shared ?? scaleOf(stripMaps([tap]), reduce);
  for (const { part, cell, map } of cells) {
    map.draw(tap[part], scale);
    cell.classList.toggle('mirrored', mirrored);
    if (!withTexts) continue;
    const label = partLabel(model.blocks[index], part);
    cell.setAttribute('aria-label', describe(tap.block, label, tap[part], { reduce, mirrored }));
  }
  setText(legend.low, figure(scale.low));
  setText(legend.high, figure(scale.high));
  bars.draw(answer.stats[index], rms, withTexts);
  legend.bar.style.backgroundImage = scale.signed ? SIGNED_GRADIENT : MAGNITUDE_GRADIENT;
  header.classList.toggle('left-out', isCut(answer.ablated, tap.block, 'residual'));
  foot.classList.toggle('no-skip', isCut(answer.ablated, tap.block, 'shortcut'));
}

/** Whether the maps of a block add up. @param {Answer} answer */
function truthOf({ reduce }) {
  return addsUp(reduce)
    ? 'Means add up: in every cell the third map is the sum of the first two.'
    : 'Magnitudes do not add up: the third map is not the sum of the first two, because signs cancel. Means and single channels add up; see the close-up.';
}

/** The map that is pointed at, in words. @param {State} state */
function noteOf(state) {
  const pointed = pointedMap(state);
  if (!pointed) return REST_NOTE;
  const { map, reduce, block, part } = pointed;
  const mirrored = isMirrored(state.answer?.subject, state.settings);
  return describe(block.name, partLabel(block, part), map, { reduce, mirrored });
}

/** @param {Column[]} columns @param {State} state */
function markOpen(columns, { block }) {
  for (const { cells } of columns) {
    for (const { cell, name } of cells) cell.setAttribute('aria-selected', String(name === block));
  }
}
