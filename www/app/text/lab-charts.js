/**
 * The data of the lab's charts for a pair of networks: numbers by layer, the loss over the steps, changed weights,
 * and the accuracy without each block.
 *
 * @typedef {import('./chart-data.js').ChartData} ChartData
 * @typedef {import('./chart-data.js').Series} Series
 * @typedef {import('../lab-types.js').Course} Course
 * @typedef {import('../lab-types.js').Layers} Layers
 * @typedef {import('../lab-types.js').Pair} Pair
 * @typedef {import('../lab-types.js').Quantity} Quantity
 * @typedef {import('../lab-types.js').RealNetwork} RealNetwork
 */

import { figure, grouped } from './format.js';

/** The accuracy of a constant answer on the 360 test digits, by the digit. */
export const ONE_DIGIT = { least: 21 / 360, most: 44 / 360 };

/** The loss of a network that gives all ten digits the same probability. */
const CHANCE_LOSS = Math.log(10);

/** The smallest 32-bit numbers are close to it; zeros are drawn there. */
const FLOOR = { value: 1e-38, label: 'below 1e-38' };

/** The most points of a loss chart. */
const MOST_POINTS = 60;

/** @type {Record<Quantity, {title: string, axis: string}>} */
export const QUANTITIES = {
  gradient: { title: 'Gradient of each convolution’s weights', axis: '‖∂L/∂W‖' },
  update: { title: 'How far a step moves each convolution’s weights', axis: '‖η·∂L/∂W‖ / ‖W‖' },
  activation: { title: 'Output of each convolution, forward', axis: 'root mean square' },
  backward: { title: 'Gradient of each convolution’s output', axis: '‖∂L/∂x‖' },
};

/** The size of updates at a suitable learning rate, as a rule of thumb. */
const RULE_OF_THUMB = [{ value: 1e-3, label: 'rule of thumb: 1e-3' }];

/** The name of each twin. @type {Record<import('../lab-types.js').Twin, string>} */
export const NAMES = { plain: 'plain', residual: 'x + F(x)' };

/** The runs that exist. @param {Pair} pair */
export const coursesOf = ({ plain, residual }) => [plain, residual].filter((course) => course !== null);

/**
 * A quantity by layer, of both twins.
 * @param {Pair} pair
 * @param {Quantity} quantity
 * @param {'first'|'last'} moment the first step, or the last one
 * @returns {ChartData}
 */
export function layerChart(pair, quantity, moment) {
  const series = coursesOf(pair).flatMap((course) => {
    const layers = course[moment];
    return layers ? [{ name: NAMES[course.twin], kind: course.twin, values: [...layers[quantity]] }] : [];
  });
  const { title, axis } = QUANTITIES[quantity];
  const step = coursesOf(pair)[0]?.step ?? 0;
  const when = moment === 'first' ? 'first step' : `step ${step}`;
  const tiny = series.some(({ values }) => values.some((value) => value < FLOOR.value));
  return {
    title: `${title}, ${when} (1 is nearest to the input)`, axis, series, places: numbers(series),
    description: series.map(({ name, values }) => `${name}: ${figure(values[0])} in convolution 1, ${figure(values[values.length - 1])} in convolution ${values.length}`).join('; '),
    ...(tiny ? { floor: FLOOR } : {}),
    rules: [...(tiny ? [FLOOR] : []), ...(quantity === 'update' ? RULE_OF_THUMB : [])],
  };
}

/** "1", "2" and so on, for the series with the most values. @param {{values: unknown[]}[]} series */
function numbers(series) {
  const count = Math.max(0, ...series.map(({ values }) => values.length));
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

/** The loss of each batch over the steps. @param {Pair} pair @returns {ChartData} */
export function lossChart(pair) {
  const courses = coursesOf(pair);
  const longest = courses.reduce((most, { losses }) => (losses.length > most.length ? losses : most), courses[0]?.losses ?? []);
  const pace = Math.ceil(longest.length / MOST_POINTS);
  const shown = longest.map((_, index) => index).filter((index) => index % pace === 0 || index === longest.length - 1);
  const series = courses.map(({ twin, losses }) => ({ name: NAMES[twin], kind: twin, values: shown.map((index) => losses[index]?.loss ?? null) }));
  const ends = courses.map(({ twin, losses }) => `${NAMES[twin]}: ${figure(losses[losses.length - 1]?.loss ?? 0)}`).join(', ');
  return {
    title: 'Loss of the batches over the steps', axis: 'loss', series, places: shown.map((index) => String(longest[index].step)),
    rules: [{ value: CHANCE_LOSS, label: `nothing learnt: ln 10 = ${figure(CHANCE_LOSS)}` }], description: `At the end ${ends}`,
  };
}

/** The share of each layer's weights whose bits have changed since the first step. @param {Pair} pair @returns {ChartData} */
export function changedChart(pair) {
  const series = coursesOf(pair).flatMap(({ twin, last }) => {
    if (!last) return [];
    const words = [...last.changed].map((share, index) => {
      const all = last.weights[index];
      return `convolution ${index + 1}, ${NAMES[twin]}: ${grouped(Math.round(share * all))} of ${grouped(all)} weights changed`;
    });
    return [{ name: NAMES[twin], kind: twin, values: [...last.changed], words }];
  });
  return {
    title: 'Weights changed by training, by convolution (1 is nearest to the input)', axis: 'share', series, places: numbers(series),
    description: series.map(({ name, words }) => `${name}: ${words[0]}`).join('; '),
  };
}

/** The accuracy without each block, for both twins. @param {Pair} pair @returns {ChartData} */
export function deletionChart(pair) {
  const courses = coursesOf(pair).filter(({ deleted }) => deleted);
  const series = courses.map(({ twin, deleted }) => ({ name: NAMES[twin], kind: twin, values: (deleted ?? []).map(({ testAccuracy }) => testAccuracy) }));
  const whole = courses.flatMap(({ twin, result }) => (result?.testAccuracy ? [{ value: result.testAccuracy, label: `${NAMES[twin]}, whole` }] : []));
  return {
    title: 'Test accuracy without one block (block 1 is nearest to the input)', axis: 'right', series, places: numbers(series),
    rules: [...whole, { value: ONE_DIGIT.most, label: 'constant answer' }],
    description: series.map(({ name, values }) => `${name}: ${values.length} blocks, left out one at a time`).join('; '),
  };
}

/** The real network's certainty without F(x) of each block. @param {RealNetwork} real @returns {ChartData|null} */
export function realChart({ sweep, picture }) {
  if (!sweep) return null;
  return {
    title: `ResNet-18’s probability of ${sweep.label} for ${picture}, without F(x) of each block`, axis: 'probability',
    places: sweep.blocks.map(({ block }) => block),
    series: [{ name: 'without F(x)', kind: 'residual', values: sweep.blocks.map(({ probability }) => probability) }],
    rules: [{ value: sweep.baseline.probability, label: 'whole network' }],
    description: `Of the whole network: ${figure(sweep.baseline.probability)}`,
  };
}

/** The gradient of the first layer over that of the last one: how it grows on its way to the input. @param {Layers|null|undefined} layers */
export function growth(layers) {
  if (!layers) return null;
  const { gradient } = layers;
  return gradient[0] / gradient[gradient.length - 1];
}
