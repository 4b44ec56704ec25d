// The curves of a soak as one picture: a row for each scenario, a plot for each measure.

import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

/** @import { Measure, Sample } from './growth.mjs' */

/** @typedef {{what: string, unit: string, samples: Sample[]}} Soaked */

const FIELD = { width: 230, height: 96, left: 14, top: 44 };
const ROW = FIELD.height + FIELD.top + 34;

/** The name of each measure, and the size of its unit. @type {Record<Measure, [string, number]>} */
const MEASURES = {
  wasm: ['wasm memory, MB', 1e6],
  gpu: ["the GPU's memory, MB", 1e6],
  buffers: ["the GPU's buffers", 1],
  heap: ['JS heap of the page, MB', 1e6],
  resident: ['the whole browser, MB', 1e6],
};

/**
 * Draws the samples as SVG.
 * @param {Soaked[]} scenarios
 */
export function plot(scenarios) {
  const rows = scenarios.map((scenario, index) => row(scenario, 8 + index * ROW));
  const width = 4 * (FIELD.width + FIELD.left) + FIELD.left;
  const height = 8 + scenarios.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Memory over the repetitions of each scenario</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${rows.join('\n')}
</svg>
`;
}

/** @param {Soaked} scenario @param {number} top */
function row({ what, unit, samples }, top) {
  const last = samples[samples.length - 1].at;
  const measures = /** @type {Measure[]} */ (Object.keys(MEASURES)).filter((measure) => samples[0][measure] !== undefined);
  const fields = measures.map((measure, index) => field(measure, samples, FIELD.left + index * (FIELD.width + FIELD.left), top + FIELD.top));
  return `<g><text x="${FIELD.left}" y="${top + 16}" font-weight="600">${what}: ${last} ${unit}</text>\n${fields.join('\n')}</g>`;
}

/** @param {Measure} measure @param {Sample[]} samples @param {number} left @param {number} top */
function field(measure, samples, left, top) {
  const [name, size] = MEASURES[measure];
  const points = samples.map((sample) => /** @type {[number, number]} */ ([sample.at, (sample[measure] ?? NaN) / size]));
  const highest = Math.max(...points.map(([, value]) => value), 1e-9);
  const x = scaleLinear([0, samples[samples.length - 1].at], [left, left + FIELD.width]);
  // The axis starts at zero: a curve that looks flat is flat.
  const y = scaleLinear([0, highest * 1.15], [top + FIELD.height, top]);
  const path = line(([at]) => x(at), ([, value]) => y(value))(points);
  const [, end] = points[points.length - 1];
  return `<text x="${left}" y="${top - 6}" fill="#555">${name}</text>
<path d="M${left} ${top}V${top + FIELD.height}H${left + FIELD.width}" fill="none" stroke="#bbb"/>
<path d="${path}" fill="none" stroke="#12507a" stroke-width="1.5"/>
<text x="${left + FIELD.width}" y="${y(end) - 5}" text-anchor="end">${end.toFixed(size === 1 ? 0 : 1)}</text>`;
}
