/**
 * One block drawn as in the paper (He et al. 2015, figures 2 and 5), from the model's description. Its two paths
 * are switches: a press cuts one, or restores it.
 */

import { isCut } from '../app/text/cuts.js';
import { convolutionText } from '../app/text/network.js';

/**
 * @typedef {import('../app/types.js').Block} Block
 * @typedef {import('../app/types.js').Cut} Cut
 * @typedef {import('../app/types.js').Path} Path
 * @typedef {{name: string, attributes: Record<string, string|number>, text?: string, parts?: Shape[]}} Shape
 */

const NAMESPACE = 'http://www.w3.org/2000/svg';
const HEIGHT = 132;
/** Heights of F(x)'s path and of the shortcut's. */
const UPPER = 42;
const LOWER = 102;
const BOX = { width: 158, height: 44, gap: 24 };

/**
 * @param {Block} block
 * @param {(path: Path, out: boolean) => void} cut called when the visitor leaves a path out, or restores it
 * @returns {{svg: SVGSVGElement, show(cuts: readonly Cut[]): void}} `show` draws the cuts
 */
export function drawBlock(block, cut) {
  const { convs } = block;
  const start = 46;
  const plus = start + 34 + convs.length * (BOX.width + BOX.gap) + 44;
  const end = plus + 210;
  const boxes = convs.flatMap((convolution, position) => {
    const left = start + 34 + position * (BOX.width + BOX.gap);
    const last = position === convs.length - 1;
    return box(left, UPPER, convolutionText(convolution), last ? 'batch norm' : 'batch norm, ReLU');
  });
  const shapes = [
    text(22, UPPER + 5, 'x', 'symbol'),
    { name: 'path', attributes: { d: `M 34 ${UPPER} H ${start}`, class: 'wire' } },
    path('residual', `M ${start} ${UPPER} H ${plus - 13}`, { left: start, top: UPPER - 28, width: plus - 15 - start, height: 52 }, [plus - 38, UPPER], [
      ...boxes,
      text(plus - 42, UPPER - 10, 'F(x)', 'symbol'),
    ]),
    path('shortcut', `M ${start} ${UPPER} V ${LOWER} H ${plus} V ${UPPER + 13}`, { left: start - 12, top: UPPER + 26, width: plus - start + 24, height: 58 }, [start + 40, LOWER], carried(block, (start + plus) / 2)),
    { name: 'circle', attributes: { cx: start, cy: UPPER, r: 3, class: 'joint' } },
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
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', wording(block));
  svg.append(...shapes.map(make));
  const switches = [...svg.querySelectorAll('[data-path]')].map((element) => {
    const edge = /** @type {SVGGElement} */ (element);
    return { edge, path: /** @type {Path} */ (edge.dataset.path) };
  });
  for (const { edge, path: one } of switches) {
    const press = () => cut(one, edge.getAttribute('aria-checked') === 'true');
    edge.setAttribute('aria-label', `${one === 'residual' ? 'F(x)' : 'shortcut'} of ${block.name}`);
    edge.addEventListener('click', press);
    edge.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' || key === ' ') press();
    });
    // Space would scroll the diagram's box.
    edge.addEventListener('keypress', (event) => event.preventDefault());
  }
  return {
    svg,
    show(cuts) {
      for (const { edge, path: one } of switches) edge.setAttribute('aria-checked', String(!isCut(cuts, block.name, one)));
    },
  };
}

/**
 * Draws one of the two paths through the block: a switch with its wire, its gap, and the boxes on it.
 * @param {Path} name
 * @param {string} d
 * @param {{left: number, top: number, width: number, height: number}} reach where a press takes effect
 * @param {[x: number, y: number]} gap where the wire breaks when it is cut
 * @param {Shape[]} parts
 * @returns {Shape}
 */
function path(name, d, { left, top, width, height }, [x, y], parts) {
  return {
    name: 'g',
    attributes: { class: 'path', 'data-path': name, role: 'switch', tabindex: 0, 'aria-checked': 'true' },
    parts: [
      { name: 'rect', attributes: { x: left, y: top, width, height, rx: 8, class: 'reach' } },
      arrow(d, 'wire'),
      ...parts,
      { name: 'path', attributes: { d: `M ${x - 7} ${y} h 14`, class: 'break gap' } },
      { name: 'path', attributes: { d: `M ${x - 9} ${y + 8} l 6 -16 m 12 0 l -6 16`, class: 'break' } },
    ],
  };
}

/** Draws the shortcut's projection, or its label. @param {Block} block @param {number} middle @returns {Shape[]} */
function carried({ projection }, middle) {
  return projection
    ? box(middle - BOX.width / 2, LOWER, convolutionText(projection), 'batch norm')
    : [text(middle, LOWER - 9, 'identity: x itself', 'caption')];
}

/** @param {Block} block */
function wording({ convs, projection }) {
  const path = convs.map((convolution) => `convolution ${convolutionText(convolution)}`).join(', then ');
  const added = projection ? `a projection of x, ${convolutionText(projection)}` : 'x itself';
  return `The block: F(x) is ${path}. It is added to ${added}; the sum passes a ReLU.`;
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

/** @param {Shape} shape @returns {SVGElement} */
function make({ name, attributes, text: content, parts = [] }) {
  const made = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content) made.textContent = content;
  made.append(...parts.map(make));
  return made;
}
