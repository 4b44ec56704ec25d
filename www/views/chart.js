/**
 * A line chart with a logarithmic axis, as SVG, with labels on the lines. D3 computes the scales and the lines.
 *
 * @typedef {import('../app/text/chart-data.js').ChartData} ChartData
 * @typedef {import('../app/text/chart-data.js').Series} Series
 * @typedef {import('./chart-figure.js').Chart} Chart
 */

import { line, scaleLog, scalePoint } from '../vendor/d3.js';
import { everyNth } from '../app/text/chart-data.js';
import { figure } from '../app/text/format.js';
import { chartFigure, labelRoom } from './chart-figure.js';
import { datum, shape } from './svg.js';

const HEIGHT = 300;
const MARGIN = { left: 68, top: 16, bottom: 34 };
/** The minimum distance between labels at the ends of lines. */
const LABEL = 15;
/** @type {Record<string, string>} */
const SUPERSCRIPTS = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };
/** The most places with large points. */
const MANY = 40;

/**
 * @param {string} title
 * @param {string} file the name of its files
 * @param {(error: unknown) => void} onTrouble called if a file could not be made
 * @returns {Chart}
 */
export function chart(title, file, onTrouble) {
  return chartFigure(title, file, onTrouble, draw);
}

/** @param {ChartData} data @param {number} width @param {boolean} quick */
function draw({ places, series, axis, floor, rules = [] }, width, quick) {
  const right = width - labelRoom(series.map(({ name }) => name));
  const drawn = series.map((one) => ({ ...one, values: one.values.map((value) => heightOf(value, floor)) }));
  const values = [...drawn.flatMap(({ values }) => values), ...rules.map(({ value }) => value)].filter((value) => value !== null);
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [1, 10];
  const x = scalePoint(places, [MARGIN.left, right]).padding(0.2);
  const y = scaleLog([low / 1.4, high * 1.4], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const at = (/** @type {string} */ place) => x(place) ?? 0;
  const shapes = [
    ...yTicks(y, axis, right), ...everyNth(places, right).map((place) => shape('text', { x: at(place), y: HEIGHT - 12, class: 'tick' }, place)),
    ...rules.flatMap((rule) => drawRule(rule, y, right)),
    ...drawn.map((one, index) => drawSeries(one, series[index], places, at, y, quick)), ...labels(drawn, places, at, y, right),
  ];
  return { height: HEIGHT, shapes };
}

/**
 * Returns the place of a value: smaller ones are drawn at the floor. Without a floor the line breaks at 0.
 * @param {number|null} value
 * @param {ChartData['floor']} floor
 */
function heightOf(value, floor) {
  if (value === null || !Number.isFinite(value)) return null;
  if (floor && value < floor.value) return floor.value;
  return value > 0 ? value : null;
}

/** @typedef {ReturnType<typeof scaleLog<number, number>>} Scale */
/** @typedef {(place: string) => number} Across */

/** The axis: powers of ten and what the scale adds where there are few. @param {Scale} y @param {string} axis @param {number} right */
function yTicks(y, axis, right) {
  const ticks = y.ticks(5).filter((tick, _, all) => all.length < 8 || Number.isInteger(Math.log10(tick)));
  return [
    ...ticks.flatMap((tick) => [
      shape('line', { x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick), class: 'rule' }),
      shape('text', { x: MARGIN.left - 6, y: y(tick) + 4, class: 'tick end' }, tickWords(tick)),
    ]),
    shape('text', { x: 12, y: HEIGHT / 2, class: 'tick', transform: `rotate(-90 12 ${HEIGHT / 2})` }, axis),
  ];
}

/** A value that lines are compared with. @param {{value: number, label: string}} rule @param {Scale} y @param {number} right */
function drawRule({ value, label }, y, right) {
  return [
    shape('line', { x1: MARGIN.left, x2: right, y1: y(value), y2: y(value), class: 'rule marked' }),
    shape('text', { x: MARGIN.left + 6, y: y(value) - 5, class: 'tick start' }, label),
  ];
}

/**
 * Draws one line, or only marks, with a point at each place that has a value.
 * @param {Series} drawn
 * @param {Series} series with unscaled values
 * @param {string[]} places
 * @param {Across} at
 * @param {Scale} y
 * @param {boolean} quick without points
 */
function drawSeries({ name, kind, marks, values }, series, places, at, y, quick) {
  const group = shape('g', { class: `series ${kind}` });
  const points = places.map((place, index) => ({ place, index, value: values[index] ?? null }));
  const drawable = (/** @type {{value: number|null}} */ { value }) => value !== null;
  const path = line((/** @type {(typeof points)[number]} */ { place }) => at(place), ({ value }) => y(Number(value))).defined(drawable)(points);
  if (!marks && path) group.append(shape('path', { d: path }));
  const r = places.length > MANY ? 2 : 4;
  for (const { place, index, value } of quick ? [] : points.filter(drawable)) {
    const exact = Number(series.values[index]);
    const words = `${place}, ${name}: ${exact === value ? figure(exact) : `below ${figure(Number(value))}`}`;
    group.append(datum('circle', { cx: at(place), cy: y(Number(value)), r }, words, !group.querySelector('circle')));
  }
  return group;
}

/** Each series' name beside its last point, none over another. @param {Series[]} series @param {string[]} places @param {Across} at @param {Scale} y @param {number} right */
function labels(series, places, at, y, right) {
  const ends = series.flatMap(({ name, kind, values }) => {
    const last = values.findLastIndex((value) => value !== null);
    return last < 0 ? [] : [{ name, kind, from: [at(places[last]), y(Number(values[last]))] }];
  }).sort((a, b) => a.from[1] - b.from[1]);
  let above = -Infinity;
  return ends.flatMap(({ name, kind, from: [x, height] }) => {
    above = Math.max(height + 4, above + LABEL);
    return [
      shape('path', { d: `M ${x + 6} ${height} L ${right + 8} ${above - 4}`, class: 'leader' }),
      shape('text', { x: right + 12, y: above, class: `label ${kind}` }, name),
    ];
  });
}

/** A tick in words: "10⁻³", or "0.0025" where powers of ten are too few. @param {number} tick */
function tickWords(tick) {
  const power = Math.log10(tick);
  if (!Number.isInteger(power) || (power >= 0 && power < 3)) return figure(tick);
  return `10${[...String(power)].map((digit) => SUPERSCRIPTS[digit]).join('')}`;
}
