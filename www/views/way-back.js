/**
 * The two paths back through a block, as arrows on its diagram with the sizes of the gradients.
 *
 * @typedef {import('../app/types.js').BlockGradients} BlockGradients
 */

import { figure } from '../app/text/format.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Space above and below the diagram for the arrows, in its pixels. */
const ABOVE = 24;
const BELOW = 26;

export class WayBack {
  #box;

  /** @param {HTMLElement} box that the diagram is in */
  constructor(box) {
    this.#box = box;
  }

  /** Shows the sizes at a block, or nothing. @param {BlockGradients|null|undefined} at */
  show(at) {
    const svg = this.#box.querySelector('svg');
    svg?.querySelector('.way-back')?.remove();
    if (!svg) return;
    const { width } = svg.viewBox.baseVal;
    const height = Number(svg.getAttribute('height'));
    svg.setAttribute('viewBox', at ? `0 ${-ABOVE} ${width} ${height + ABOVE + BELOW}` : `0 0 ${width} ${height}`);
    if (!at) return;
    const plus = joint(svg);
    const group = make('g', { class: 'way-back' });
    group.append(
      ...arrow(plus, 46, -4, `through F(x): Jᵀ·∂L/∂sum, ${figure(at.viaResidual)}`, at.viaResidual > 0),
      ...arrow(plus, 46, height + 14, `over the shortcut: ${figure(at.viaShortcut)}`, at.viaShortcut > 0),
      ...arrow(width - 8, plus + 20, height - 26, `∂L/∂sum ${figure(at.sum)}`, true),
      make('text', { x: 46, y: height - 8 }, `∂L/∂x ${figure(at.input)}`),
    );
    svg.append(group);
  }
}

/** Where the two paths meet. @param {SVGSVGElement} svg */
function joint(svg) {
  return Number(svg.querySelector('circle.box')?.getAttribute('cx'));
}

/** @param {number} from @param {number} to @param {number} y @param {string} words @param {boolean} carries whether any gradient comes back here */
function arrow(from, to, y, words, carries) {
  const d = `M ${from} ${y} H ${to} m 8 -5 l -8 5 l 8 5`;
  return [make('path', { d, class: carries ? 'back' : 'back nothing' }), make('text', { x: (from + to) / 2, y: y - 6 }, words)];
}

/** @param {string} name @param {Record<string, string|number>} attributes @param {string} [content] */
function make(name, attributes, content) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content) made.textContent = content;
  return made;
}
