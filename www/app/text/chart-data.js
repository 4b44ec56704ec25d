/**
 * What a chart shows, and its numbers as a file.
 *
 * @typedef {object} Series
 * @property {string} name as it stands at the line's end
 * @property {string} kind its class: colour and dashes are the style sheet's
 * @property {boolean} [marks] points without a line
 * @property {(number|null)[]} values one for each place; null: none
 *
 * @typedef {object} ChartData
 * @property {string} description the chart in words
 * @property {string[]} places along x
 * @property {string} axis what the values are
 * @property {Series[]} series
 */

import { csv } from './records.js';

/** A line for each place, a column for each series. @param {Pick<ChartData, 'places'|'series'>} data */
export function chartCsv({ places, series }) {
  return csv([['place', ...series.map(({ name }) => name)], ...places.map((place, index) => [place, ...series.map(({ values }) => values[index])])]);
}
