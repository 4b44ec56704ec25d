/** One block drawn as in the paper (He et al. 2015, figures 2 and 5), from what the model reports. */

import { convolutionText } from '../app/text/network.js';

/**
 * @typedef {import('../app/types.js').Block} Block
 * @typedef {{name: string, attributes: Record<string, string|number>, text?: string}} Shape
 */

const NAMESPACE = 'http://www.w3.org/2000/svg';
const HEIGHT = 132;
/** Heights of F(x)'s path and of the shortcut's. */
const UPPER = 42;
const LOWER = 102;
const BOX = { width: 158, height: 44, gap: 24 };

/**
 * @param {Block} block
 * @param {boolean} leftOut whether F(x) is left out
 * @returns {SVGSVGElement}
 */
export function drawBlock(block, leftOut) {
  const { convs } = block;
  const start = 46;
  const plus = start + 34 + convs.length * (BOX.width + BOX.gap) + 44;
  const end = plus + 210;

  const path = convs.flatMap((convolution, position) => {
    const left = start + 34 + position * (BOX.width + BOX.gap);
    const last = position === convs.length - 1;
    return box(left, UPPER, convolutionText(convolution), last ? 'batch norm' : 'batch norm, ReLU');
  });
  const shapes = [
    text(22, UPPER + 5, 'x', 'symbol'),
    arrow(`M 34 ${UPPER} H ${plus - 13}`, leftOut ? 'wire cut' : 'wire'),
    ...path,
    text(plus - 42, UPPER - 10, 'F(x)', leftOut ? 'symbol cut' : 'symbol'),
    ...shortcut(block, start, plus),
    { name: 'circle', attributes: { cx: plus, cy: UPPER, r: 13, class: 'box' } },
    text(plus, UPPER + 6, '+', 'symbol'),
    arrow(`M ${plus + 13} ${UPPER} H ${plus + 62}`, 'wire'),
    ...box(plus + 64, UPPER, 'ReLU', '', 64),
    arrow(`M ${plus + 128} ${UPPER} H ${plus + 148}`, 'wire'),
    text(plus + 178, UPPER + 5, 'output', 'symbol'),
  ];

  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', `0 0 ${end} ${HEIGHT}`);
  svg.setAttribute('width', String(end));
  svg.setAttribute('height', String(HEIGHT));
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', wording(block, leftOut));
  svg.append(...shapes.map(make));
  return svg;
}

/**
 * The path past F(x), from the joint at `start` to the sum at `plus`.
 * @param {Block} block
 * @param {number} start
 * @param {number} plus
 * @returns {Shape[]}
 */
function shortcut({ projection }, start, plus) {
  const middle = (start + plus) / 2;
  return [
    arrow(`M ${start} ${UPPER} V ${LOWER} H ${plus} V ${UPPER + 13}`, 'wire'),
    { name: 'circle', attributes: { cx: start, cy: UPPER, r: 3, class: 'joint' } },
    ...(projection
      ? box(middle - BOX.width / 2, LOWER, convolutionText(projection), 'batch norm')
      : [text(middle, LOWER - 9, 'identity: x itself', 'caption')]),
  ];
}

/** @param {Block} block @param {boolean} leftOut */
function wording({ convs, projection }, leftOut) {
  const path = convs.map((convolution) => `convolution ${convolutionText(convolution)}`).join(', then ');
  const added = projection ? `a projection of x, ${convolutionText(projection)}` : 'x itself';
  return `The block: F(x) is ${path}. ${leftOut ? 'It is left out.' : ''} It is added to ${added}; the sum passes a ReLU.`;
}

/** @param {number} left @param {number} middle @param {string} first @param {string} second @param {number} [width] @returns {Shape[]} */
function box(left, middle, first, second, width = BOX.width) {
  const shape = { x: left, y: middle - BOX.height / 2, width, height: BOX.height, rx: 5, class: 'box' };
  const centre = left + width / 2;
  const lines = second
    ? [text(centre, middle - 3, first, 'caption'), text(centre, middle + 14, second, 'caption quiet')]
    : [text(centre, middle + 5, first, 'caption')];
  return [{ name: 'rect', attributes: shape }, ...lines];
}

/** A line with a head at its end. @param {string} d @param {string} kind @returns {Shape} */
function arrow(d, kind) {
  return { name: 'path', attributes: { d, class: kind, 'marker-end': 'url(#arrow-head)' } };
}

/** @param {number} x @param {number} y @param {string} content @param {string} kind @returns {Shape} */
function text(x, y, content, kind) {
  return { name: 'text', attributes: { x, y, class: kind }, text: content };
}

/** @param {Shape} shape */
function make({ name, attributes, text: content }) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content) made.textContent = content;
  return made;
}
