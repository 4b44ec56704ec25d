/**
 * A small line on a canvas, without axes, with one marked point.
 *
 * @typedef {{x: number, y: number|null}[]} Points x in [0, 1]; y null where there is no value
 */

import { element } from './dom.js';

/** Space around the line, so that it is not cut, in CSS pixels. */
const MARGIN = 3;

export class Sparkline {
  canvas = element('canvas', { class: 'sparkline', 'aria-hidden': 'true' });

  /**
   * @param {Points} points
   * @param {[low: number, high: number]} range
   * @param {number} marked index of the point that gets a dot
   * @param {boolean} dotted whether the other points get small dots
   */
  draw(points, [low, high], marked, dotted) {
    const { canvas } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    const context = canvas.getContext('2d');
    if (!context || width === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const across = (/** @type {number} */ x) => MARGIN + x * (width - 2 * MARGIN);
    const down = (/** @type {number} */ y) => height - MARGIN - ((y - low) / (high - low)) * (height - 2 * MARGIN);
    const { color } = getComputedStyle(canvas);
    context.strokeStyle = context.fillStyle = color;
    if (low < 0) drawRule(context, down(0), width);
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.beginPath();
    let open = false;
    points.forEach(({ x, y }) => {
      if (y === null) return void (open = false);
      if (open) context.lineTo(across(x), down(y));
      else context.moveTo(across(x), down(y));
      open = true;
    });
    context.stroke();
    points.forEach(({ x, y }, index) => {
      if (y !== null && (dotted || index === marked)) dot(context, across(x), down(y), index === marked ? 3.5 : 1.5);
    });
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** The line of 0. @param {CanvasRenderingContext2D} context @param {number} y @param {number} width */
function drawRule(context, y, width) {
  context.save();
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.restore();
}
