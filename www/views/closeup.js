/**
 * One block close up: its diagram, its five maps on one scale, the numbers of the cell that is
 * pointed at, and the switch that leaves F(x) out.
 *
 * @typedef {import('../page/types.js').Actions} Actions
 * @typedef {import('../page/types.js').Part} Part
 * @typedef {import('../page/types.js').State} State
 * @typedef {import('../page/types.js').Tap} Tap
 * @typedef {{row: number, column: number}} Place
 * @typedef {{part: Part, map: MapCanvas, frame: HTMLElement, name: HTMLElement, size: HTMLElement}} Figure
 */

import { MAGNITUDE_GRADIENT, SIGNED_GRADIENT } from '../page/colors.js';
import { exact, figure } from '../page/format.js';
import { addsUp, allMaps, describe, PARTS, reduceName, scaleOf } from '../page/maps.js';
import { partLabel, shortcutName } from '../page/network.js';
import { drawBlock } from './diagram.js';
import { element, need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'closeup';
export const title = 'Close-up';

/** What stands in front of a part when the five are read as a line. */
const OPERATORS = { input: '', shortcut: '→', residual: '+', sum: '=', output: '→' };

/** @type {HTMLElement} */
let root;
/** @type {HTMLElement} */
let heading;
/** @type {HTMLElement} */
let diagram;
/** @type {HTMLElement} */
let maps;
/** @type {HTMLElement} */
let reading;
/** @type {HTMLElement} */
let truth;
/** @type {HTMLElement} */
let legend;
/** @type {HTMLInputElement} */
let leaveOut;
/** @type {HTMLElement} */
let effect;
/** @type {HTMLSelectElement} */
let kind;
/** @type {HTMLInputElement} */
let channel;
/** @type {HTMLInputElement} */
let slider;
/** @type {Figure[]} */
let figures = [];
/** @type {Actions} */
let actions;
/** @type {State|null} */
let last = null;
/** The cell whose numbers are shown. @type {Place|null} */
let cell = null;
/** @type {IntersectionObserver} */
let seen;

/** @param {HTMLElement} place @param {import('../page/types.js').ViewContext} context */
export function mount(place, context) {
  root = place;
  actions = context.actions;
  heading = need(root, 'h2', HTMLElement);
  diagram = need(root, '#diagram', HTMLElement);
  maps = need(root, '#closeup-maps', HTMLElement);
  reading = need(root, '#reading', HTMLElement);
  truth = need(root, '#closeup-truth', HTMLElement);
  legend = need(root, '.legend', HTMLElement);
  leaveOut = need(root, '#leave-out', HTMLInputElement);
  effect = need(root, '#effect', HTMLElement);
  kind = need(root, '#closeup-kind', HTMLSelectElement);
  channel = need(root, '#channel', HTMLInputElement);
  slider = need(root, '#channel-slider', HTMLInputElement);
  figures = PARTS.map(makeFigure);
  maps.replaceChildren(...figures.map(({ frame }) => frame));
  maps.addEventListener('keydown', onKey);
  listen();
  seen = new IntersectionObserver((entries) =>
    actions.inspect({ closeVisible: entries[entries.length - 1].isIntersecting }));
  seen.observe(maps);
}

function listen() {
  kind.addEventListener('change', () => actions.inspect({
    closeReduce: kind.value === 'channel'
      ? { channel: Number(channel.value) }
      : /** @type {'mean'} */ (kind.value),
  }));
  for (const input of [channel, slider]) {
    input.addEventListener('input', () => {
      const wanted = Math.round(Number(input.value));
      const known = Math.min(Number(channel.max), Math.max(0, wanted));
      actions.inspect({ closeReduce: { channel: known } });
    });
  }
  leaveOut.addEventListener('change', () => {
    if (last?.block) actions.leaveOut(last.block, leaveOut.checked);
  });
  for (const [name, step] of /** @type {const} */ ([['#block-before', -1], ['#block-after', 1]])) {
    need(root, name, HTMLButtonElement).addEventListener('click', () => {
      const block = last?.model?.blocks[blockIndex(last) + step];
      if (block) actions.inspect({ block: block.name });
    });
  }
}

/** @param {State} state */
export function update(state) {
  const { model, block, ablate, answer, settings } = state;
  const before = last;
  last = state;
  if (!model || !block) return;
  root.classList.toggle('smooth', settings.smooth);
  if (block !== before?.block || model !== before.model || ablate !== before.ablate) showBlock(state);
  if (state.closeReduce !== before?.closeReduce || block !== before.block) showChannel(state);
  if (answer !== before?.answer) {
    showMaps(state);
    showEffect(state);
  }
}

export function dispose() {
  seen.disconnect();
}

/** @param {State} state */
function blockIndex({ model, block }) {
  return model ? model.blocks.findIndex(({ name }) => name === block) : -1;
}

/** @param {Part} part @returns {Figure} */
function makeFigure(part) {
  const map = new MapCanvas('map');
  map.canvas.setAttribute('role', 'img');
  const name = element('span', { class: 'part-name' });
  const size = element('span', { class: 'part-size' });
  const frame = element('figure', { class: 'part', 'data-shows': part }, [
    element('span', { class: 'operator', 'aria-hidden': 'true' }, [OPERATORS[part]]),
    element('figcaption', {}, [name, size]),
    element('div', { class: 'map-frame' }, [map.canvas, element('span', { class: 'cell-mark', hidden: '' })]),
  ]);
  map.canvas.addEventListener('pointermove', (event) => pointAt(event, part));
  map.canvas.addEventListener('pointerleave', () => actions.point(null));
  return { part, map, frame, name, size };
}

/** @param {State} state */
function showBlock(state) {
  const { model, block: name, ablate } = state;
  const index = blockIndex(state);
  if (!model || !name || index < 0) return;
  const block = model.blocks[index];
  const out = ablate.includes(name);
  setText(heading, `${name}, close up`);
  diagram.replaceChildren(drawBlock(model, index, out));
  leaveOut.checked = out;
  for (const { part, name: label } of figures) {
    setText(label, part === 'shortcut' ? shortcutName(model, index) : partLabel(block, part));
  }
  need(root, '#block-before', HTMLButtonElement).disabled = index === 0;
  need(root, '#block-after', HTMLButtonElement).disabled = index === model.blocks.length - 1;
}

/** @param {State} state */
function showChannel(state) {
  const block = state.model?.blocks[blockIndex(state)];
  if (!block) return;
  const single = typeof state.closeReduce === 'object';
  kind.value = typeof state.closeReduce === 'object' ? 'channel' : state.closeReduce;
  for (const input of [channel, slider]) {
    input.max = String(block.shape[0] - 1);
    input.disabled = !single;
    const value = typeof state.closeReduce === 'object' ? String(state.closeReduce.channel) : input.value;
    if (document.activeElement !== input || Number(input.value) !== Number(value)) input.value = value;
  }
}

/** @param {State} state */
function showMaps(state) {
  const { answer, model } = state;
  const close = answer?.close;
  const block = model?.blocks.find(({ name }) => name === close?.tap.block);
  if (!answer || !close || !block) return;
  const { tap, reduce } = close;
  const { subject } = answer;
  const mirrored = subject.kind === 'camera' && subject.mirrored;
  root.classList.toggle('mirrored', mirrored);
  const scale = scaleOf(allMaps(tap), reduce);
  for (const { part, map, size } of figures) {
    // Named with its pixels: until the answer is there, the old block's maps are the old block's.
    map.name(tap.block, part);
    map.draw(tap[part], scale);
    setText(size, `${tap[part].height}×${tap[part].width}`);
    map.canvas.setAttribute('aria-label', describe(tap.block, partLabel(block, part), tap[part], { reduce, mirrored }));
  }
  const [low, bar, high] = /** @type {HTMLElement[]} */ ([...legend.children]);
  setText(low, figure(scale.low));
  setText(high, figure(scale.high));
  bar.style.backgroundImage = scale.signed ? SIGNED_GRADIENT : MAGNITUDE_GRADIENT;
  setText(truth, addsUp(reduce)
    ? `Shown: ${reduceName(reduce)}. In every cell, ${addendWord(block)} + F(x) is exactly the sum. Point at a cell to check.`
    : `Shown: ${reduceName(reduce)}. Magnitudes do not add up, because signs cancel: look at one channel or at the mean for that.`);
  showReading();
}

/** @param {import('../page/types.js').Block} block */
function addendWord({ shortcut }) {
  return shortcut === 'projection' ? 'projected x' : 'x';
}

/** The cell under the pointer, as the tensor counts it. @param {PointerEvent} event @param {Part} part */
function pointAt(event, part) {
  const close = last?.answer?.close;
  if (!close) return;
  const canvas = /** @type {HTMLCanvasElement} */ (event.target);
  const box = canvas.getBoundingClientRect();
  const { height, width } = close.tap[part];
  const across = (event.clientX - box.left) / box.width;
  const along = root.classList.contains('mirrored') ? 1 - across : across;
  const place = {
    row: clamp(Math.floor(((event.clientY - box.top) / box.height) * height), height),
    column: clamp(Math.floor(along * width), width),
  };
  // The raw x of a projection is larger than the maps whose cells are read.
  const { sum } = close.tap;
  cell = {
    row: Math.floor((place.row * sum.height) / height),
    column: Math.floor((place.column * sum.width) / width),
  };
  actions.point({ block: close.tap.block, part, origin: 'closeup' });
  showReading();
}

/** Arrow keys move the cell that is read. @param {KeyboardEvent} event */
function onKey(event) {
  const sum = last?.answer?.close?.tap.sum;
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!sum || !step) return;
  event.preventDefault();
  const from = cell ?? { row: Math.floor(sum.height / 2), column: Math.floor(sum.width / 2) };
  const sideways = root.classList.contains('mirrored') ? -step[1] : step[1];
  cell = { row: clamp(from.row + step[0], sum.height), column: clamp(from.column + sideways, sum.width) };
  showReading();
}

/** The numbers of one cell: x, F(x) and their sum. */
function showReading() {
  const close = last?.answer?.close;
  const block = last?.model?.blocks.find(({ name }) => name === close?.tap.block);
  if (!close || !block) return;
  const { tap, reduce } = close;
  if (cell && (cell.row >= tap.sum.height || cell.column >= tap.sum.width)) cell = null;
  for (const { part, frame } of figures) markCell(need(frame, '.cell-mark', HTMLElement), tap[part], tap.sum);
  if (!cell) return setText(reading, 'Point at a cell, or use the arrow keys here, to read its numbers.');
  const at = cell.row * tap.sum.width + cell.column;
  const value = (/** @type {Part} */ part) => exact(tap[part].data[at]);
  const where = `row ${cell.row + 1}, column ${cell.column + 1}`;
  const x = `${addendWord(block)} ${value('shortcut')}`;
  setText(reading, addsUp(reduce)
    ? `${where}: ${x} + F(x) ${value('residual')} = ${value('sum')}, after ReLU ${value('output')}`
    : `${where}: ${x} · F(x) ${value('residual')} · sum ${value('sum')} · after ReLU ${value('output')}`);
}

/**
 * @param {HTMLElement} mark
 * @param {import('../page/types.js').FeatureMap} map
 * @param {import('../page/types.js').FeatureMap} sum the map whose cells are counted
 */
function markCell(mark, map, sum) {
  mark.hidden = cell === null;
  if (!cell || map.height < sum.height) return;
  mark.style.left = `${(100 * cell.column) / sum.width}%`;
  mark.style.top = `${(100 * cell.row) / sum.height}%`;
  mark.style.width = `${100 / sum.width}%`;
  mark.style.height = `${100 / sum.height}%`;
}

/** @param {State} state */
function showEffect({ answer, block }) {
  if (!answer || !block) return;
  const [top] = answer.predictions;
  const whole = answer.full?.[0];
  if (!whole) return setText(effect, 'Every block is in. Leave this F(x) out and see what the prediction becomes.');
  const now = answer.full?.find(({ index }) => index === top.index);
  const fate = answer.predictions.find(({ index }) => index === whole.index);
  const share = (/** @type {number|undefined} */ p) => `${(100 * (p ?? 0)).toFixed(1)}\u00a0%`;
  const words = [`Without F(x) of ${answer.ablated.join(', ')}: ${whole.label} ${share(whole.probability)} → ${share(fate?.probability)}`];
  if (top.index !== whole.index) words.push(`now first: ${top.label} ${share(now?.probability)} → ${share(top.probability)}`);
  setText(effect, `${words.join('; ')}.`);
}

/** @param {number} index @param {number} length */
function clamp(index, length) {
  return Math.min(length - 1, Math.max(0, index));
}
