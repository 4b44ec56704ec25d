/** A picture of a frame with its answer, as a file that the browser saves. */

import { save } from './download.js';

/** The height of a line of text, as a share of the picture's width. */
const LINE = 0.045;

/**
 * Draws the frame and the lines below it, and saves that as a PNG file.
 * @param {ImageBitmap} frame
 * @param {boolean} mirrored whether it is shown mirrored
 * @param {string[]} lines the answer
 * @param {string} name of the file, without its extension
 */
export async function saveFrame(frame, mirrored, lines, name) {
  const { width, height } = frame;
  const line = Math.max(16, Math.round(LINE * width));
  const canvas = new OffscreenCanvas(width, height + Math.round((lines.length + 0.5) * 1.3 * line));
  const context = canvas.getContext('2d');
  if (!context) throw new Error(`no canvas of ${canvas.width}×${canvas.height} pixels`);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.save();
  if (mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(frame, 0, 0);
  context.restore();
  context.fillStyle = '#000';
  context.font = `${line}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  lines.forEach((text, index) => context.fillText(text, line, height + (index + 0.4) * 1.3 * line, width - 2 * line));
  save(await canvas.convertToBlob({ type: 'image/png' }), `${name}.png`);
}
