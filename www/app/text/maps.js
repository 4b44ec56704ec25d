/** The colours and words for a map, from its cells. Nothing here touches the document. */

import { MAGNITUDE, SIGNED, STEPS } from './colors.js';
import { figure } from './format.js';

/**
 * @typedef {import('../types.js').FeatureMap} FeatureMap
 * @typedef {import('../types.js').CellMap} CellMap
 * @typedef {import('../types.js').Reduce} Reduce
 * @typedef {import('../types.js').Tap} Tap
 * @typedef {import('../types.js').Part} Part
 * @typedef {{low: number, high: number, signed: boolean}} Scale
 */

/** The parts that make up the sum, in the order in which they are read. @type {Part[]} */
export const ADDENDS = ['shortcut', 'residual', 'sum'];

/** All parts, in the order in which they are computed. @type {Part[]} */
export const PARTS = ['input', ...ADDENDS, 'output'];

/** The maps that the strip shows of some blocks. @param {Tap[]} taps */
export function stripMaps(taps) {
  return taps.flatMap((tap) => ADDENDS.map((part) => tap[part]));
}

/** The maps that the close-up shows of a block. @param {Tap} tap */
export function allMaps(tap) {
  return PARTS.map((part) => tap[part]);
}

/**
 * Returns the map under the pointer or the focus, with its scale.
 * @param {import('../types.js').State} state
 * @returns {{map: FeatureMap, scale: Scale, reduce: Reduce, part: Part, block: import('../types.js').Block}|null}
 */
export function pointedMap({ pointed, answer, model, settings }) {
  const block = model?.blocks.find(({ name }) => name === pointed?.block);
  if (!pointed || !answer || !block) return null;
  const { close, taps } = answer;
  const fromClose = pointed.origin === 'closeup' && close?.tap.block === pointed.block;
  const tap = fromClose ? close.tap : taps.find((other) => other.block === pointed.block);
  if (!tap) return null;
  const { part } = pointed;
  const reduce = fromClose ? close.reduce : answer.reduce;
  const maps = fromClose ? allMaps(tap) : stripMaps(settings.scale === 'all' ? taps : [tap]);
  return { map: tap[part], scale: scaleOf(maps, reduce), reduce, part, block };
}

/** Means and single channels have a sign; magnitudes have none. @param {Reduce} reduce */
export function isSigned(reduce) {
  return reduce === 'mean' || typeof reduce === 'object';
}

/** Whether shortcut + residual = sum also holds for the reduced maps. @param {Reduce} reduce */
export function addsUp(reduce) {
  return isSigned(reduce);
}

/** The name of a reduction on the page. @param {Reduce} reduce */
export function reduceName(reduce) {
  if (typeof reduce === 'object') return `channel ${reduce.channel}`;
  return { 'mean-abs': 'mean |activation|', mean: 'mean', 'max-abs': 'max |activation|' }[reduce];
}

/**
 * Returns one scale for several maps: from 0 for magnitudes, symmetric around 0 for signed values.
 * @param {FeatureMap[]} maps
 * @param {Reduce} reduce
 * @returns {Scale}
 */
export function scaleOf(maps, reduce) {
  let bound = 0;
  for (const { min, max } of maps) bound = Math.max(bound, Math.abs(min), Math.abs(max));
  const signed = isSigned(reduce);
  return { low: signed ? -bound : 0, high: bound, signed };
}

/**
 * Writes the colours of a map.
 * @param {CellMap} map
 * @param {Scale} scale
 * @param {Uint8ClampedArray} rgba the output: 4 bytes per cell
 */
export function paint(map, scale, rgba) {
  const table = scale.signed ? SIGNED : MAGNITUDE;
  const range = scale.high - scale.low;
  // A map of zeros gets one colour: the neutral one if signed, otherwise the lowest.
  const factor = range > 0 ? (STEPS - 1) / range : 0;
  const offset = range > 0 ? 0 : scale.signed ? (STEPS - 1) / 2 : 0;
  for (let cell = 0; cell < map.data.length; cell++) {
    const step = Math.round((map.data[cell] - scale.low) * factor + offset);
    const entry = 3 * Math.min(STEPS - 1, Math.max(0, step));
    rgba[4 * cell] = table[entry];
    rgba[4 * cell + 1] = table[entry + 1];
    rgba[4 * cell + 2] = table[entry + 2];
    rgba[4 * cell + 3] = 255;
  }
}

/**
 * Returns the mean of all cells and the cell with the largest absolute value.
 * @param {FeatureMap} map
 */
export function statistics(map) {
  let sum = 0;
  let peak = 0;
  for (let cell = 0; cell < map.data.length; cell++) {
    sum += map.data[cell];
    if (Math.abs(map.data[cell]) > Math.abs(map.data[peak])) peak = cell;
  }
  const row = Math.floor(peak / map.width);
  return { mean: sum / map.data.length, row, column: peak - row * map.width };
}

/**
 * Returns a place in words, by thirds: "lower left", "centre".
 * @param {number} row
 * @param {number} column
 * @param {{height: number, width: number}} map
 * @param {boolean} mirrored whether the map is shown mirrored
 */
export function place(row, column, map, mirrored) {
  const shown = mirrored ? map.width - 1 - column : column;
  const vertical = ['upper', '', 'lower'][third(row, map.height)];
  const horizontal = ['left', '', 'right'][third(shown, map.width)];
  if (vertical && horizontal) return `at the ${vertical} ${horizontal}`;
  if (horizontal) return `on the ${horizontal}`;
  if (vertical) return vertical === 'upper' ? 'at the top' : 'at the bottom';
  return 'in the centre';
}

/** @param {number} index @param {number} length */
function third(index, length) {
  return Math.min(2, Math.floor((3 * (index + 0.5)) / length));
}

/**
 * Describes a map in a sentence: "layer3.1, F(x): strongest at the lower left; mean 0.21, max 1.9; 256
 * channels of 14×14".
 * @param {string} block
 * @param {string} label the part's name on the page
 * @param {FeatureMap} map
 * @param {{reduce: Reduce, mirrored: boolean}} shown
 */
export function describe(block, label, map, { reduce, mirrored }) {
  const { mean, row, column } = statistics(map);
  const channels = `${map.channels} channels of ${map.height}×${map.width}`;
  const of = typeof reduce === 'object' ? `channel ${reduce.channel} of ${channels}` : channels;
  if (map.min === 0 && map.max === 0) return `${block}, ${label}: 0 everywhere; ${of}`;
  const range = isSigned(reduce) ? `min ${figure(map.min)}, max ${figure(map.max)}` : `max ${figure(map.max)}`;
  return `${block}, ${label}: strongest ${place(row, column, map, mirrored)}; mean ${figure(mean)}, ${range}; ${of}`;
}
