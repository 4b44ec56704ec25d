/** A chart as a file: its drawing with the style sheet's colours in it, as a picture, or its numbers. */

import { save } from '../app/device/download.js';
import { element } from './dom.js';

/** The styles that a drawing needs outside the page. */
const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'text-anchor', 'opacity'];

/** The picture's pixels per pixel of the drawing. */
const SHARP = 2;

/**
 * @param {'svg'|'png'|'csv'} kind
 * @param {SVGSVGElement} svg one on the page
 * @param {string} csv
 * @param {string} name of the file, without its ending
 */
export async function saveChart(kind, svg, csv, name) {
  const blob = kind === 'csv' ? new Blob([csv], { type: 'text/csv' })
    : kind === 'svg' ? new Blob([drawing(svg)], { type: 'image/svg+xml' })
      : await picture(svg);
  save(blob, `reslens-${name}.${kind}`);
}

/** The drawing by itself, on the page's background. @param {SVGSVGElement} svg */
function drawing(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const { width, height } = svg.viewBox.baseVal;
  for (const [name, value] of Object.entries({ xmlns: 'http://www.w3.org/2000/svg', width, height })) copy.setAttribute(name, String(value));
  const copies = copy.querySelectorAll('*');
  svg.querySelectorAll('*').forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const property of STYLES) copies[index].setAttribute(property, style.getPropertyValue(property));
    for (const attribute of ['class', 'tabindex']) copies[index].removeAttribute(attribute);
  });
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const fill = getComputedStyle(document.documentElement).getPropertyValue('--panel').trim();
  for (const [name, value] of Object.entries({ width, height, fill })) ground.setAttribute(name, String(value));
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** @param {SVGSVGElement} svg @returns {Promise<Blob>} */
async function picture(svg) {
  const { width, height } = svg.viewBox.baseVal;
  const canvas = element('canvas', { width: String(SHARP * width), height: String(SHARP * height) });
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(drawing(svg))}`;
  await image.decode();
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('not enough memory for the picture'))), 'image/png');
  });
}
