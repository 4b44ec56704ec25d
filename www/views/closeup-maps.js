/**
 * The maps of the block in the close-up, on one scale, and the numbers of the cell under the pointer.
 *
 * @typedef {import('../app/types.js').Block} Block
 * @typedef {import('../app/types.js').Closeup} Closeup
 * @typedef {import('../app/types.js').FeatureMap} FeatureMap
 * @typedef {import('../app/types.js').Part} Part
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {{row: number, column: number}} Place
 * @typedef {{part: Part, map: MapCanvas, frame: HTMLElement, name: HTMLElement, size: HTMLElement, mark: HTMLElement}} Figure
 */

import { MAGNITUDE_GRADIENT, SIGNED_GRADIENT } from '../app/text/colors.js';
import { exact, figure } from '../app/text/format.js';
import { addsUp, allMaps, describe, PARTS, reduceName, scaleOf } from '../app/text/maps.js';
import { partLabel } from '../app/text/network.js';
import { isMirrored } from '../app/text/state.js';
import { element, need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'closeup-maps';

/** The sign in front of each part when they are read as an equation. */
const OPERATORS = { input: '', shortcut: '→', residual: '+', sum: '=', output: '→' };

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const maps = need(root, '.parts', HTMLElement);
  const reading = need(root, '#reading', HTMLElement);
  const truth = need(root, '#closeup-truth', HTMLElement);
  const legend = need(root, '.legend', HTMLElement);
  const kind = need(document, '#closeup-kind', HTMLSelectElement);
  const figures = PARTS.map(makeFigure);
  /** @type {State|null} */
  let last = null;
  /** The channel to return to from a mean. */
  let channel = 0;
  /** The cell whose numbers are shown. @type {Place|null} */
  let cell = null;
  /** The part that the keyboard lays over the picture: the one pointed at last. @type {Part} */
  let chosen = 'residual';
  let mirrored = false;

  for (const { part, map: { canvas } } of figures) {
    canvas.addEventListener('pointermove', (event) => pointAt(event, part));
    canvas.addEventListener('pointerleave', () => actions.setPointedMap(null));
  }
  maps.replaceChildren(...figures.map(({ frame }) => frame));
  maps.addEventListener('keydown', onKey);
  maps.addEventListener('focus', layOver);
  maps.addEventListener('blur', () => actions.setPointedMap(null));
  kind.addEventListener('change', () => actions.inspect({
    closeReduce: kind.value === 'channel' ? { channel } : /** @type {'mean'} */ (kind.value),
  }));
  new IntersectionObserver((entries) => actions.setCloseupVisible(entries[entries.length - 1].isIntersecting)).observe(maps);

  return (state) => {
    const { answer, settings, channels, closeReduce } = state;
    const changed = answer !== last?.answer || settings !== last?.settings || channels.count !== last?.channels.count;
    last = state;
    root.classList.toggle('smooth', settings.smooth);
    kind.value = typeof closeReduce === 'object' ? 'channel' : closeReduce;
    // The numbers change with every frame then, too fast to be read out.
    reading.setAttribute('aria-live', state.phase === 'live' ? 'off' : 'polite');
    if (typeof closeReduce === 'object') channel = closeReduce.channel;
    if (changed) showMaps(state);
  };

  /** The close-up of the last answer, with its block. */
  function shown() {
    const close = last?.answer?.close;
    const block = last?.model?.blocks.find(({ name }) => name === close?.tap.block);
    return close && block ? { ...close, block } : null;
  }

  /** @param {State} state */
  function showMaps({ answer, settings, channels, channelChosen }) {
    const close = shown();
    if (!answer || !close) return;
    const { tap, reduce, block } = close;
    mirrored = isMirrored(answer.subject, settings);
    root.classList.toggle('mirrored', mirrored);
    // An identity passes x on unchanged, so one map shows both.
    root.classList.toggle('projected', block.shortcut === 'projection');
    const scale = scaleOf(allMaps(tap), reduce);
    for (const { part, map, name, size } of figures) {
      // The name changes with the pixels: until the answer arrives, the maps are the old block's.
      map.name(tap.block, part);
      map.draw(tap[part], scale);
      setText(name, partLabel(block, part));
      setText(size, `${tap[part].height}×${tap[part].width}`);
      map.canvas.setAttribute('aria-label', describe(tap.block, partLabel(block, part), tap[part], { reduce, mirrored }));
    }
    const [low, bar, high] = /** @type {HTMLElement[]} */ ([...legend.children]);
    setText(low, figure(scale.low));
    setText(high, figure(scale.high));
    bar.style.backgroundImage = scale.signed ? SIGNED_GRADIENT : MAGNITUDE_GRADIENT;
    setText(truth, truthOf(close, channelChosen ? 0 : channels.count));
    showReading();
  }

  /** The cell under the pointer, as the tensor counts it. @param {PointerEvent} event @param {Part} part */
  function pointAt(event, part) {
    const close = shown();
    if (!close) return;
    const canvas = /** @type {HTMLCanvasElement} */ (event.target);
    const box = canvas.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const along = mirrored ? 1 - across : across;
    // Counted in cells of the sum: the raw x of a projection has more.
    const { height, width } = close.tap.sum;
    cell = {
      row: clamp(Math.floor(((event.clientY - box.top) / box.height) * height), height),
      column: clamp(Math.floor(along * width), width),
    };
    chosen = part;
    layOver();
    showReading();
  }

  function layOver() {
    const close = shown();
    if (close) actions.setPointedMap({ block: close.tap.block, part: chosen, origin: 'closeup' });
  }

  /** Arrow keys move the cell that is read. @param {KeyboardEvent} event */
  function onKey(event) {
    const sum = shown()?.tap.sum;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!sum || !step) return;
    event.preventDefault();
    const from = cell ?? { row: Math.floor(sum.height / 2), column: Math.floor(sum.width / 2) };
    const sideways = mirrored ? -step[1] : step[1];
    cell = { row: clamp(from.row + step[0], sum.height), column: clamp(from.column + sideways, sum.width) };
    layOver();
    showReading();
  }

  function showReading() {
    const close = shown();
    if (!close) return;
    const { sum } = close.tap;
    if (cell && (cell.row >= sum.height || cell.column >= sum.width)) cell = null;
    for (const { part, mark } of figures) markCell(mark, cell, close.tap[part], sum);
    setText(reading, cell ? readingOf(close, cell) : 'Point at a cell, or use the arrow keys here, to read its numbers.');
  }
}

/** @param {Part} part @returns {Figure} */
function makeFigure(part) {
  const map = new MapCanvas('map');
  map.canvas.setAttribute('role', 'img');
  map.canvas.setAttribute('aria-label', `${part}: not computed yet`);
  const name = element('span', { class: 'part-name' }, ['\u00a0']);
  const size = element('span', { class: 'part-size' });
  const mark = element('span', { class: 'cell-mark', hidden: '' });
  const frame = element('figure', { class: 'part', 'data-shows': part }, [
    element('span', { class: 'operator', 'aria-hidden': 'true' }, [OPERATORS[part]]),
    element('figcaption', {}, [name, size]),
    element('div', { class: 'map-frame' }, [map.canvas, mark]),
  ]);
  return { part, map, frame, name, size, mark };
}

/**
 * Describes the reduction on display, and whether its maps add up.
 * @param {Closeup & {block: Block}} close
 * @param {number} scanned the number of channels among which the page chose; 0 if the visitor did
 */
function truthOf({ reduce, block }, scanned) {
  if (!addsUp(reduce)) {
    return `Shown: ${reduceName(reduce)}. Magnitudes do not add up, because signs cancel: look at one channel or at the mean for that.`;
  }
  const choice = typeof reduce === 'object' && reduce.channel > 0 && scanned > 0
    ? `, with the strongest F(x) of ${scanned} channels scanned`
    : '';
  return `Shown: ${reduceName(reduce)}${choice}. In every cell, ${addendWord(block)} + F(x) is exactly the sum.`;
}

/** The numbers of one cell: x, F(x) and their sum. @param {Closeup & {block: Block}} close @param {Place} cell */
function readingOf({ tap, reduce, block }, { row, column }) {
  const value = (/** @type {Part} */ part) => exact(tap[part].data[row * tap.sum.width + column]);
  const where = `row ${row + 1}, column ${column + 1}`;
  const x = `${addendWord(block)} ${value('shortcut')}`;
  return addsUp(reduce)
    ? `${where}: ${x} + F(x) ${value('residual')} = ${value('sum')}, after ReLU ${value('output')}`
    : `${where}: ${x} · F(x) ${value('residual')} · sum ${value('sum')} · after ReLU ${value('output')}`;
}

/** @param {Block} block */
function addendWord({ shortcut }) {
  return shortcut === 'projection' ? 'projected x' : 'x';
}

/**
 * Puts the mark over a cell of a map.
 * @param {HTMLElement} mark
 * @param {Place|null} cell
 * @param {FeatureMap} map
 * @param {FeatureMap} sum the map whose cells are counted
 */
function markCell(mark, cell, map, sum) {
  mark.hidden = cell === null;
  if (!cell || map.height < sum.height) return;
  mark.style.left = `${(100 * cell.column) / sum.width}%`;
  mark.style.top = `${(100 * cell.row) / sum.height}%`;
  mark.style.width = `${100 / sum.width}%`;
  mark.style.height = `${100 / sum.height}%`;
}

/** @param {number} index @param {number} length */
function clamp(index, length) {
  return Math.min(length - 1, Math.max(0, index));
}
