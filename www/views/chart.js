/**
 * A line chart with a logarithmic axis, as SVG: a title, a description, points that can be focused, labels at the
 * lines themselves, its numbers as a table, and files to take along. D3 does the scales and the lines.
 *
 * @typedef {import('../app/text/chart-data.js').ChartData} ChartData
 * @typedef {import('../app/text/chart-data.js').Series} Series
 *
 * @typedef {object} Chart
 * @property {HTMLElement} element
 * @property {(data: ChartData) => void} draw
 */

import { line, scaleLog, scalePoint } from '../vendor/d3.js';
import { figure } from '../app/text/format.js';
import { chartCsv } from '../app/text/chart-data.js';
import { saveChart } from './chart-files.js';
import { element } from './dom.js';

/** In pixels of the drawing, which is scaled to the width that there is. */
const SIZE = { width: 820, height: 300 };
const MARGIN = { left: 58, right: 190, top: 16, bottom: 34 };
/** Labels at the ends of lines are at least so far apart. */
const LABEL = 15;

/**
 * @param {string} title
 * @param {string} file what its files are called
 * @param {(error: unknown) => void} onTrouble is told why a file could not be made
 * @returns {Chart}
 */
export function chart(title, file, onTrouble) {
  const svg = shape('svg', { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'group', class: 'chart' });
  const table = element('table', {});
  const kinds = /** @type {const} */ (['svg', 'png', 'csv']);
  /** @type {ChartData|null} */
  let last = null;
  const buttons = kinds.map((kind) => {
    const button = element('button', { type: 'button' }, [kind.toUpperCase()]);
    button.addEventListener('click', () => {
      if (last) saveChart(kind, svg, chartCsv(last), file).catch(onTrouble);
    });
    return button;
  });
  const numbers = element('details', {}, [element('summary', {}, ['Numbers and files']), element('p', { class: 'take-row' }, buttons), element('div', { class: 'table-box' }, [table])]);
  numbers.addEventListener('toggle', () => last && fillTable(last));
  const whole = element('figure', { class: 'chart-figure' }, [element('figcaption', {}, [title]), svg, numbers]);

  return { element: whole, draw };

  /** @param {ChartData} data */
  function draw(data) {
    last = data;
    const { places, series, description, axis } = data;
    const focused = [...svg.querySelectorAll('circle')].findIndex((point) => point === document.activeElement);
    const values = series.flatMap(({ values }) => values).filter((value) => value !== null && value > 0).map(Number);
    const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [1, 10];
    const x = scalePoint(places, [MARGIN.left, SIZE.width - MARGIN.right]).padding(0.2);
    const y = scaleLog([low / 1.4, high * 1.4], [SIZE.height - MARGIN.bottom, MARGIN.top]);
    const at = (/** @type {string} */ place) => x(place) ?? 0;
    svg.replaceChildren(
      shape('title', {}, title), shape('desc', {}, description),
      ...yTicks(y, axis), ...places.map((place) => shape('text', { x: at(place), y: SIZE.height - 12, class: 'tick' }, place)),
      ...series.map((one) => drawSeries(one, places, at, y)), ...labels(series, places, at, y),
    );
    if (focused >= 0) svg.querySelectorAll('circle')[focused]?.focus();
    if (numbers.open || table.childElementCount === 0) fillTable(data);
  }

  /** @param {ChartData} data */
  function fillTable({ places, series }) {
    const head = element('tr', {}, [element('th', { scope: 'col' }, ['']), ...series.map(({ name }) => element('th', { scope: 'col' }, [name]))]);
    const rows = places.map((place, index) => element('tr', {}, [
      element('th', { scope: 'row' }, [place]),
      ...series.map(({ values }) => element('td', {}, [values[index] === null ? '–' : figure(Number(values[index]))])),
    ]));
    table.replaceChildren(element('caption', { class: 'unseen' }, [title]), element('thead', {}, [head]), element('tbody', {}, rows));
  }
}

/** @typedef {ReturnType<typeof scaleLog<number, number>>} Scale */
/** @typedef {(place: string) => number} Across */

/** The axis: powers of ten and what the scale adds where there are few. @param {Scale} y @param {string} axis */
function yTicks(y, axis) {
  const ticks = y.ticks(5).filter((tick, _, all) => all.length < 8 || Number.isInteger(Math.log10(tick)));
  const right = SIZE.width - MARGIN.right;
  return [
    ...ticks.flatMap((tick) => [
      shape('line', { x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick), class: 'rule' }),
      shape('text', { x: MARGIN.left - 6, y: y(tick) + 4, class: 'tick end' }, figure(tick)),
    ]),
    shape('text', { x: 12, y: SIZE.height / 2, class: 'tick', transform: `rotate(-90 12 ${SIZE.height / 2})` }, axis),
  ];
}

/**
 * One line, or marks alone, with a point at each place that has a value. A logarithm has no 0: there the line breaks.
 * @param {Series} series
 * @param {string[]} places
 * @param {Across} at
 * @param {Scale} y
 */
function drawSeries({ name, kind, marks, values }, places, at, y) {
  const group = shape('g', { class: `series ${kind}` });
  const points = places.map((place, index) => ({ place, value: values[index] }));
  const drawable = (/** @type {{value: number|null}} */ { value }) => value !== null && value > 0;
  const path = line((/** @type {(typeof points)[number]} */ { place }) => at(place), ({ value }) => y(Number(value))).defined(drawable)(points);
  if (!marks && path) group.append(shape('path', { d: path }));
  for (const { place, value } of points.filter(drawable)) {
    const words = `${place}, ${name}: ${figure(Number(value))}`;
    const point = shape('circle', { cx: at(place), cy: y(Number(value)), r: 4, tabindex: 0, role: 'img', 'aria-label': words });
    point.append(shape('title', {}, words));
    group.append(point);
  }
  return group;
}

/** Each series' name beside its last point, none over another. @param {Series[]} series @param {string[]} places @param {Across} at @param {Scale} y */
function labels(series, places, at, y) {
  const ends = series.flatMap(({ name, kind, values }) => {
    const last = values.findLastIndex((value) => value !== null && value > 0);
    return last < 0 ? [] : [{ name, kind, from: [at(places[last]), y(Number(values[last]))] }];
  }).sort((a, b) => a.from[1] - b.from[1]);
  let above = -Infinity;
  const right = SIZE.width - MARGIN.right + 12;
  return ends.flatMap(({ name, kind, from: [x, height] }) => {
    above = Math.max(height + 4, above + LABEL);
    return [
      shape('path', { d: `M ${x + 6} ${height} L ${right - 4} ${above - 4}`, class: 'leader' }),
      shape('text', { x: right, y: above, class: `label ${kind}` }, name),
    ];
  });
}

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string|number>} attributes
 * @param {string} [content]
 * @returns {SVGElementTagNameMap[Name]}
 */
function shape(name, attributes, content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content) made.textContent = content;
  return made;
}
