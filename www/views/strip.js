/**
 * A strip of squares for each series, one square per place, filled from below by the value: it shows at once which
 * weights of which layers have changed.
 *
 * @typedef {import('../app/text/chart-data.js').ChartData} ChartData
 */

import { everyNth } from '../app/text/chart-data.js';
import { percent } from '../app/text/format.js';
import { chartFigure } from './chart-figure.js';
import { datum, shape } from './svg.js';

const MARGIN = { left: 72, right: 8, top: 10, bottom: 26 };
/** The largest size of a square. */
const LARGEST = 34;
const GAP = 14;
/** The least visible share of a square, if anything has changed. */
const LEAST_SEEN = 1.5;

/** @param {string} title @param {string} file @param {(error: unknown) => void} onTrouble @returns {import('./chart-figure.js').Chart} */
export function strip(title, file, onTrouble) {
  return chartFigure(title, file, onTrouble, draw);
}

/** @param {ChartData} data @param {number} width @param {boolean} quick */
function draw({ places, series }, width, quick) {
  const pitch = Math.min(LARGEST, (width - MARGIN.left - MARGIN.right) / places.length);
  const side = pitch * (pitch > 12 ? 0.84 : 0.9);
  const tall = Math.max(side, 16);
  const height = MARGIN.top + series.length * (tall + GAP) + MARGIN.bottom - GAP;
  const named = new Set(everyNth(places, width - MARGIN.left));
  const at = (/** @type {number} */ index) => MARGIN.left + index * pitch;
  const shapes = [
    ...series.flatMap(({ name, kind, values, words }, row) => {
      const top = MARGIN.top + row * (tall + GAP);
      const group = shape('g', { class: `series ${kind}` });
      const filled = values.map((value) => (value ? Math.max(LEAST_SEEN, value * tall) : 0));
      if (quick) group.append(...quickSquares(filled.map((high, index) => [at(index), high]), top, side, tall));
      for (const [index, value] of quick ? [] : values.entries()) {
        if (value === null) continue;
        group.append(
          datum('rect', { class: 'square', x: at(index), y: top, width: side, height: tall }, words?.[index] ?? `${places[index]}, ${name}: ${percent(value)}`, group.childElementCount === 0),
          shape('rect', { class: 'filled', x: at(index), y: top + tall - filled[index], width: side, height: filled[index] }),
        );
      }
      return [shape('text', { class: 'tick end', x: MARGIN.left - 8, y: top + tall / 2 + 4 }, name), group];
    }),
    ...places.flatMap((place, index) => (named.has(place) ? [shape('text', { class: 'tick', x: at(index) + side / 2, y: height - 6 }, place)] : [])),
  ];
  return { height, shapes };
}

/**
 * Draws a row of squares as two shapes.
 * @param {number[][]} columns the start and the filled height of each
 * @param {number} top
 * @param {number} side
 * @param {number} tall
 */
function quickSquares(columns, top, side, tall) {
  const outlines = columns.map(([x]) => `M ${x} ${top} h ${side} v ${tall} h ${-side} z`);
  const fills = columns.map(([x, high]) => `M ${x} ${top + tall} h ${side} v ${-high} h ${-side} z`);
  return [shape('path', { class: 'square', d: outlines.join('') }), shape('path', { class: 'filled', d: fills.join('') })];
}
