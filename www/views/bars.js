/**
 * Bars of shares from 0 to 100 %, one group a place, one bar a series.
 *
 * @typedef {import('../app/text/chart-data.js').ChartData} ChartData
 */

import { everyNth } from '../app/text/chart-data.js';
import { percent } from '../app/text/format.js';
import { chartFigure, labelRoom } from './chart-figure.js';
import { datum, shape } from './svg.js';

const HEIGHT = 240;
const MARGIN = { left: 58, top: 34, bottom: 34 };
const BOTTOM = HEIGHT - MARGIN.bottom;
/** The share of a place that its bars take. */
const FILLED = 0.76;
/** The distance between the names of series. */
const KEY = 110;
/** The distance between labels of lines, in pixels. */
const LABEL = 15;

/** @param {string} title @param {string} file @param {(error: unknown) => void} onTrouble @returns {import('./chart-figure.js').Chart} */
export function bars(title, file, onTrouble) {
  return chartFigure(title, file, onTrouble, draw);
}

/** @param {number} share */
const y = (share) => BOTTOM - share * (BOTTOM - MARGIN.top);

/** @param {ChartData} data @param {number} width */
function draw({ places, series, axis, rules = [] }, width) {
  const right = width - labelRoom([...series.map(({ name }) => name), ...rules.map(({ label }) => label)]);
  const pitch = (right - MARGIN.left) / places.length;
  const bar = (pitch * FILLED) / series.length;
  const named = new Set(everyNth(places, right));
  const start = (/** @type {number} */ index) => MARGIN.left + (index + (1 - FILLED) / 2) * pitch;
  const shapes = [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      shape('line', { class: 'rule', x1: MARGIN.left, x2: right, y1: y(share), y2: y(share) }),
      shape('text', { class: 'tick end', x: MARGIN.left - 6, y: y(share) + 4 }, `${100 * share} %`),
    ]),
    shape('text', { class: 'tick', x: 12, y: HEIGHT / 2, transform: `rotate(-90 12 ${HEIGHT / 2})` }, axis),
    ...series.map(({ name, kind, values }, row) => {
      const group = shape('g', { class: `series ${kind}` });
      for (const [index, value] of values.entries()) {
        if (value === null) continue;
        const place = { x: start(index) + row * bar, y: y(value), width: Math.max(1, bar - 1), height: Math.max(1, BOTTOM - y(value)) };
        group.append(datum('rect', { class: 'filled', ...place }, `${places[index]}, ${name}: ${percent(value)}`, group.childElementCount === 0));
      }
      return group;
    }),
    ...places.flatMap((place, index) => (named.has(place) ? [shape('text', { class: 'tick', x: start(index) + (pitch * FILLED) / 2, y: HEIGHT - 12 }, place)] : [])),
    ...drawRules(rules, right),
    ...series.flatMap(({ name, kind }, row) => [
      shape('rect', { class: `key ${kind}`, x: MARGIN.left + KEY * row, y: 6, width: 10, height: 10 }),
      shape('text', { class: 'label', x: MARGIN.left + KEY * row + 16, y: 15 }, name),
    ]),
  ];
  return { height: HEIGHT, shapes };
}

/** Lines to compare the bars with, each named at its end. @param {NonNullable<ChartData['rules']>} rules @param {number} right */
function drawRules(rules, right) {
  let above = -Infinity;
  return [...rules].sort((a, b) => b.value - a.value).flatMap(({ value, label }) => {
    above = Math.max(y(value) + 4, above + LABEL);
    return [
      shape('line', { class: 'rule marked', x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }),
      shape('text', { class: 'tick start', x: right + 8, y: above }, label),
    ];
  });
}
