/**
 * The frame of all charts: a title, a description, focusable marks, the numbers as a table,
 * and files to save.
 *
 * @typedef {import('../app/text/chart-data.js').ChartData} ChartData
 *
 * @typedef {object} Chart
 * @property {HTMLElement} element
 * @property {(data: ChartData, live?: boolean) => void} draw `live`: more data will follow soon, so the table waits, and
 *   marks of large charts
 */

import { figure } from '../app/text/format.js';
import { chartCsv } from '../app/text/chart-data.js';
import { saveChart } from './chart-files.js';
import { element, setText } from './dom.js';
import { shape } from './svg.js';

/** The bounds of a drawing's width, in pixels; beyond them it is scaled. */
const WIDTHS = { least: 420, most: 820 };
/** The most places with which a live chart has marks. */
const MANY = 40;
/** The approximate width of a label's character. */
const CHARACTER = 7;

const KINDS = /** @type {const} */ (['svg', 'png', 'csv']);

/**
 * @param {string} title the title until the data has one
 * @param {string} file the name of its files
 * @param {(error: unknown) => void} onTrouble called if a file could not be made
 * @param {(data: ChartData, width: number, quick: boolean) => {height: number, shapes: SVGElement[]}} drawing `quick`: without
 *   focusable marks
 * @returns {Chart}
 */
export function chartFigure(title, file, onTrouble, drawing) {
  const svg = shape('svg', { role: 'group', class: 'chart' });
  const table = element('table', {});
  const caption = element('figcaption', {}, [title]);
  /** @type {ChartData|null} */
  let last = null;
  const buttons = KINDS.map((kind) => {
    const button = element('button', { type: 'button' }, [kind.toUpperCase()]);
    button.addEventListener('click', () => {
      if (last) saveChart(kind, svg, chartCsv(last), file).catch(onTrouble);
    });
    return button;
  });
  const numbers = element('details', {}, [element('summary', {}, ['Numbers and files']), element('p', { class: 'take-row' }, buttons), element('div', { class: 'table-box', tabindex: '0', role: 'group', 'aria-label': `numbers: ${title}` }, [table])]);
  numbers.addEventListener('toggle', () => last && fillTable(last));
  svg.addEventListener('keydown', moveAmongData);

  const box = element('div', { class: 'chart-box' }, [svg]);
  let wide = 0;
  new ResizeObserver(() => {
    if (last && box.clientWidth !== wide) draw(last);
    wide = box.clientWidth;
  }).observe(box);

  return { element: element('figure', { class: 'chart-figure' }, [caption, box, numbers]), draw };

  /** @param {ChartData} data @param {boolean} [live] */
  function draw(data, live = false) {
    last = data;
    setText(caption, data.title ?? title);
    const focused = [...svg.querySelectorAll('.datum')].findIndex((one) => one === document.activeElement);
    const width = Math.min(WIDTHS.most, Math.max(WIDTHS.least, box.clientWidth || WIDTHS.most));
    const { height, shapes } = drawing(data, width, live && data.places.length > MANY);
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    svg.replaceChildren(shape('title', {}, data.title ?? title), shape('desc', {}, data.description), ...shapes);
    if (focused >= 0) focusOn(svg.querySelectorAll('.datum')[focused]);
    if (!live && (numbers.open || table.childElementCount === 0)) fillTable(data);
  }

  /** @param {ChartData} data */
  function fillTable({ places, series }) {
    const head = element('tr', {}, [element('th', { scope: 'col' }, ['place']), ...series.map(({ name }) => element('th', { scope: 'col' }, [name]))]);
    const rows = places.map((place, index) => element('tr', {}, [
      element('th', { scope: 'row' }, [place]),
      ...series.map(({ values }) => element('td', {}, [numberText(values[index])])),
    ]));
    table.replaceChildren(element('caption', { class: 'unseen' }, [title]), element('thead', {}, [head]), element('tbody', {}, rows));
  }
}

/** The room for labels at the right of a drawing. @param {string[]} texts */
export const labelRoom = (texts) => 30 + CHARACTER * Math.max(0, ...texts.map(({ length }) => length));

/** @param {number|null|undefined} value */
const numberText = (value) => (value === null || value === undefined ? '–' : figure(value));

/** How far a key goes among the marks of a series. @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** @param {KeyboardEvent} event */
function moveAmongData(event) {
  const from = event.target;
  if (!(from instanceof SVGElement) || !(event.key in KEYS)) return;
  const series = [...(from.parentElement?.querySelectorAll('.datum') ?? [])];
  const to = Math.min(series.length - 1, Math.max(0, series.indexOf(from) + KEYS[event.key]));
  event.preventDefault();
  focusOn(series[to]);
}

/** Gives a mark the focus, and its series' stop of the Tab key. @param {Element|undefined} to */
function focusOn(to) {
  if (!(to instanceof SVGElement)) return;
  for (const other of to.parentElement?.querySelectorAll('.datum') ?? []) other.setAttribute('tabindex', '-1');
  to.setAttribute('tabindex', '0');
  to.focus();
}
