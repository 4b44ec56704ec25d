/**
 * The data of a chart, and its numbers as a file.
 *
 * @typedef {object} Series
 * @property {string} name shown at the line's end
 * @property {string} kind its CSS class, which sets colour and dashes
 * @property {boolean} [marks] points without a line
 * @property {(number|null)[]} values one for each place; null: none
 * @property {string[]} [words] the meaning of the mark at each place, if its value does not give it
 *
 * @typedef {object} ChartData
 * @property {string} description the chart in words
 * @property {string[]} places along x
 * @property {string} axis the name of the values
 * @property {Series[]} series
 * @property {string} [title] replaces the chart's own
 * @property {{value: number, label: string}} [floor] of a logarithmic axis: smaller values are drawn there
 * @property {{value: number, label: string}[]} [rules] lines across, for comparison with the values
 */

import { csv } from './records.js';

/** A line for each place, a column for each series. @param {Pick<ChartData, 'places'|'series'>} data */
export function chartCsv({ places, series }) {
  return csv([['place', ...series.map(({ name }) => name)], ...places.map((place, index) => [place, ...series.map(({ values }) => values[index])])]);
}

/** The room for a place's name: the width of a character and of a gap, in pixels. */
const NAME = { character: 7, gap: 14 };

/** Returns the places to name if there is no room for all. @param {readonly string[]} places @param {number} room in pixels */
export function everyNth(places, room) {
  const longest = Math.max(1, ...places.map(({ length }) => length));
  const step = Math.max(1, Math.ceil((places.length * (longest * NAME.character + NAME.gap)) / room));
  return places.filter((_, index) => index % step === 0);
}
