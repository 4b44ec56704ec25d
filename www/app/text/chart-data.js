/**
 * What a chart shows, and its numbers as a file.
 *
 * @typedef {object} Series
 * @property {string} name as it stands at the line's end
 * @property {string} kind its class: colour and dashes are the style sheet's
 * @property {boolean} [marks] points without a line
 * @property {(number|null)[]} values one for each place; null: none
 * @property {string[]} [words] what the mark at each place stands for, where its value does not say it
 *
 * @typedef {object} ChartData
 * @property {string} description the chart in words
 * @property {string[]} places along x
 * @property {string} axis what the values are
 * @property {Series[]} series
 * @property {string} [title] in place of the chart's own
 * @property {{value: number, label: string}} [floor] of a logarithmic axis: what is below is drawn there
 * @property {{value: number, label: string}[]} [rules] lines across: what the values are compared with
 */

import { csv } from './records.js';

/** A line for each place, a column for each series. @param {Pick<ChartData, 'places'|'series'>} data */
export function chartCsv({ places, series }) {
  return csv([['place', ...series.map(({ name }) => name)], ...places.map((place, index) => [place, ...series.map(({ values }) => values[index])])]);
}

/** A place's name takes so much room at most: so wide a character, and so wide a gap. In pixels. */
const NAME = { character: 7, gap: 14 };

/** The places that are named, where there is no room for all. @param {readonly string[]} places @param {number} room in pixels */
export function everyNth(places, room) {
  const longest = Math.max(1, ...places.map(({ length }) => length));
  const step = Math.max(1, Math.ceil((places.length * (longest * NAME.character + NAME.gap)) / room));
  return places.filter((_, index) => index % step === 0);
}
