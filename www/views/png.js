/**
 * The maps of all blocks, and the picture with its overlay, as canvases to save: light, with names, scales
 * and legends.
 *
 * @typedef {import('../app/types.js').State} State
 */

import { architectureName, figure, percent } from '../app/text/format.js';
import { evidenceBound, paintEvidence, sumWords } from '../app/text/evidence.js';
import { crop } from '../app/text/geometry.js';
import { cosineText, ratioText } from '../app/text/ledger.js';
import { ADDENDS, paint, reduceName, scaleOf, stripMaps } from '../app/text/maps.js';
import { partLabel } from '../app/text/network.js';
import { isMirrored } from '../app/text/state.js';
import { element, need } from './dom.js';
import { shownPicture } from './shown-picture.js';

/** Sizes of the maps' sheet, in pixels: a map, the space around it, the row of names, the space below a block. */
const CELL = 128;
const GAP = 12;
const LEFT = 110;
const HEAD = 84;
const FOOT = 56;
/** Blocks per row. */
const ACROSS = 8;
/** Width of the saved picture, and the height of the words below it. */
const STAGE_WIDTH = 960;
const STAGE_FOOT = 96;

const INK = '#14181d';
const QUIET = '#545e69';

/** The three maps of every block, as the strip shows them. @param {State} state */
export function drawMaps({ answer, model, settings }) {
  if (!answer || !model) throw new Error('there is no answer yet');
  const { taps, reduce, stats, subject, predictions: [top] } = answer;
  const rows = Math.ceil(taps.length / ACROSS);
  const rowHeight = 3 * (CELL + GAP) + FOOT + 28;
  const { canvas, context } = sheet(LEFT + Math.min(taps.length, ACROSS) * (CELL + GAP) + GAP, HEAD + rows * rowHeight);
  write(context, `${architectureName(model.architecture)}: ${reduceName(reduce)} of x, F(x) and their sum`, GAP, 32, 20);
  write(context, `${subject.title} · ${top.label}, ${percent(top.probability)} · ${settings.scale === 'all' ? 'one scale for all maps' : 'one scale for each block'}`, GAP, 58, 14, QUIET);
  const shared = settings.scale === 'all' ? scaleOf(stripMaps(taps), reduce) : null;
  const mirrored = isMirrored(subject, settings);
  taps.forEach((tap, index) => {
    const left = LEFT + (index % ACROSS) * (CELL + GAP);
    const topEdge = HEAD + Math.floor(index / ACROSS) * rowHeight;
    const scale = shared ?? scaleOf(stripMaps([tap]), reduce);
    const block = model.blocks[index];
    write(context, tap.block, left, topEdge + 16, 13);
    ADDENDS.forEach((part, row) => {
      const down = topEdge + 26 + row * (CELL + GAP);
      drawCells(context, tap[part], (rgba) => paint(tap[part], scale, rgba), { left, top: down, width: CELL, height: CELL }, mirrored);
      if (index % ACROSS === 0) write(context, partLabel({ ...block, projection: null }, part), GAP, down + CELL / 2, 14, QUIET);
    });
    const foot = topEdge + 26 + 3 * (CELL + GAP);
    drawLegend(context, (map, rgba) => paint(map, scale, rgba), [scale.low, scale.high], left, foot, CELL);
    const { ratio, cosine } = stats[index] ?? { ratio: null, cosine: null };
    write(context, `F(x) ${ratioText(ratio)} · cos ${cosineText(cosine)}`, left, foot + 34, 12, QUIET);
  });
  return canvas;
}

/** The picture with the square that the network sees and the evidence over it. @param {State} state */
export function drawStage({ answer, model, settings, evidence }) {
  if (!answer || !model) throw new Error('there is no answer yet');
  const { subject, predictions: [top], cam } = answer;
  const shown = shownPicture(need(document, '.stage-box', HTMLElement));
  if (!shown) throw new Error('there is no picture yet');
  const { source, width, height } = shown;
  const scale = STAGE_WIDTH / width;
  const { canvas, context } = sheet(STAGE_WIDTH, Math.round(height * scale) + STAGE_FOOT);
  const mirrored = isMirrored(subject, settings);
  context.save();
  if (mirrored) context.setTransform(-1, 0, 0, 1, STAGE_WIDTH, 0);
  context.drawImage(source, 0, 0, STAGE_WIDTH, height * scale);
  context.restore();
  const seen = crop(width, height, model);
  const box = { left: seen.left * scale, top: seen.top * scale, width: seen.width * scale, height: seen.height * scale };
  context.strokeStyle = '#ffffff';
  context.lineWidth = 3;
  context.strokeRect(box.left, box.top, box.width, box.height);
  const foot = Math.round(height * scale);
  if (evidence && cam) {
    const bound = evidenceBound(cam);
    drawCells(context, cam[evidence.part], (rgba) => paintEvidence(cam[evidence.part], bound, rgba), box, mirrored);
    const part = { shortcut: 'over the shortcut', residual: 'from F(x)', total: 'over both paths' }[evidence.part];
    write(context, `Where the evidence for ${cam.label} is, ${part}. Logit ${sumWords(cam)}`, GAP, foot + 30, 17);
    drawLegend(context, (map, rgba) => paint(map, { low: -bound, high: bound, signed: true }, rgba), [-bound, bound], GAP, foot + 46, 240);
    write(context, 'logits per cell', GAP + 252, foot + 56, 13, QUIET);
  } else {
    write(context, `${top.label}, ${percent(top.probability)}`, GAP, foot + 34, 20);
    write(context, subject.title, GAP, foot + 60, 14, QUIET);
  }
  return canvas;
}

/** @param {number} width @param {number} height */
function sheet(width, height) {
  const canvas = element('canvas', { width: String(width), height: String(height) });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('not enough memory for the picture');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {number} size @param {string} [colour] */
function write(context, text, x, y, size, colour = INK) {
  context.font = `${size}px system-ui, sans-serif`;
  context.fillStyle = colour;
  context.fillText(text, x, y, context.canvas.width - x - GAP);
}

/**
 * Enlarges a map without smoothing.
 * @param {CanvasRenderingContext2D} context
 * @param {{width: number, height: number}} map
 * @param {(rgba: Uint8ClampedArray) => void} colour
 * @param {import('../app/text/geometry.js').Rectangle} box
 * @param {boolean} mirrored
 */
function drawCells(context, { width, height }, colour, box, mirrored) {
  const cells = element('canvas', { width: String(width), height: String(height) });
  const own = /** @type {CanvasRenderingContext2D} */ (cells.getContext('2d'));
  const pixels = own.createImageData(width, height);
  colour(pixels.data);
  own.putImageData(pixels, 0, 0);
  context.save();
  context.imageSmoothingEnabled = false;
  context.translate(box.left + (mirrored ? box.width : 0), box.top);
  context.scale(mirrored ? -1 : 1, 1);
  context.drawImage(cells, 0, 0, box.width, box.height);
  context.restore();
}

/**
 * Draws a bar of all colours with the numbers at its ends.
 * @param {CanvasRenderingContext2D} context
 * @param {(map: {height: number, width: number, channels: number, data: Float32Array, min: number, max: number}, rgba: Uint8ClampedArray) => void} colour
 * @param {[low: number, high: number]} range
 * @param {number} left
 * @param {number} top
 * @param {number} width
 */
function drawLegend(context, colour, [low, high], left, top, width) {
  const steps = 64;
  const data = Float32Array.from({ length: steps }, (_, step) => low + ((high - low) * step) / (steps - 1));
  const map = { height: 1, width: steps, channels: 1, data, min: low, max: high };
  drawCells(context, map, (rgba) => colour(map, rgba), { left, top, width, height: 8 }, false);
  write(context, figure(low), left, top + 20, 11, QUIET);
  const text = figure(high);
  write(context, text, left + width - context.measureText(text).width, top + 20, 11, QUIET);
}
