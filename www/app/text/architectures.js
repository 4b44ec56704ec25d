/**
 * Torchvision's networks, as generated into `architectures.json` from the engine's own table: the shapes in each
 * block, its cost, and why it has its kind of shortcut.
 *
 * @typedef {[input: number, output: number, kernel: number, stride: number]} Conv
 * @typedef {{name: string, layers: number, parameters: number, features: number, block: 'basic'|'bottleneck',
 *   stem: Conv, blocks: {name: string, convs: Conv[], projection: Conv|null}[]}} Architecture
 * @typedef {[channels: number, height: number, width: number]} Shape
 * @typedef {{name: string, convs: Conv[], projection: Conv|null, input: Shape, output: Shape, parameters: number,
 *   products: number}} DrawnBlock
 *   `products`: multiplications for one picture.
 */

import { architectureName, grouped, millions, size } from './format.js';

/** Height and width of the pictures in the paper's counts. */
export const INPUT = 224;

/** Stem and max-pool each halve height and width. */
const BEFORE_BLOCKS = 4;

/** @param {Conv} conv with the batch norm after it */
const parametersOf = ([input, output, kernel]) => input * output * kernel ** 2 + 2 * output;

/** @param {Conv} conv @param {number} side of its output */
const productsOf = ([input, output, kernel], side) => input * output * kernel ** 2 * side ** 2;

/** The blocks with their shapes and costs, for pictures of 224×224. @param {Architecture} architecture @returns {DrawnBlock[]} */
export function drawnBlocks({ stem, blocks }) {
  let side = INPUT / BEFORE_BLOCKS;
  let channels = stem[1];
  return blocks.map(({ name, convs, projection }) => {
    /** @type {Shape} */
    const input = [channels, side, side];
    let [parameters, products] = [0, 0];
    const layers = projection ? [...convs, projection] : convs;
    const start = side;
    for (const conv of layers) {
      const from = conv === projection ? start : side;
      const to = from / conv[3];
      if (conv !== projection) side = to;
      parameters += parametersOf(conv);
      products += productsOf(conv, to);
    }
    channels = convs[convs.length - 1][1];
    return { name, convs, projection, input, output: [channels, side, side], parameters, products };
  });
}

/** Multiplications of the whole network for one picture. @param {Architecture} architecture @param {number} classes */
export function productsIn(architecture, classes) {
  const blocks = drawnBlocks(architecture).reduce((sum, { products }) => sum + products, 0);
  return productsOf(architecture.stem, INPUT / architecture.stem[3]) + blocks + architecture.features * classes;
}

/** Explains a block's kind of shortcut: the rule applied to its shapes. @param {DrawnBlock} block */
export function shortcutReason({ name, input, output, projection }) {
  const shapes = `x is ${size(input)} and F(x) is ${size(output)}`;
  if (!projection) return `${name}: ${shapes}. The shapes are the same, so x is added unchanged: identity, without a single weight.`;
  const differs = input[1] !== output[1] ? 'height, width and channels differ' : 'the channels differ';
  return `${name}: ${shapes}: ${differs}, so they cannot be added. x goes through a 1×1 convolution, ${input[0]} → ${output[0]}, ` +
    `stride ${projection[3]}, with ${grouped(parametersOf(projection))} parameters (batch norm included).`;
}

/** A block's convolutions and costs. @param {DrawnBlock} block */
export function blockCosts({ convs, parameters, products }) {
  const way = convs.map(([input, output, kernel, stride]) => `${kernel}×${kernel}, ${input} → ${output}${stride > 1 ? `, stride ${stride}` : ''}`);
  return `F(x): ${way.join('; ')}. ${grouped(parameters)} parameters, ${millions(products)} products for each picture.`;
}

/** A network in a sentence. @param {Architecture} architecture @param {number} classes */
export function architectureWords(architecture, classes) {
  const { name, layers, parameters, blocks, block } = architecture;
  const projections = blocks.filter(({ projection }) => projection).length;
  const convs = 1 + blocks.reduce((sum, { convs }) => sum + convs.length, 0);
  return `${architectureName(name)}: ${layers} weighted layers (${convs} convolutions and the last layer), ${blocks.length} shortcuts in ` +
    `${block} blocks, ${blocks.length - projections} of them identity and ${projections} a 1×1 convolution; ${millions(parameters)} parameters, ` +
    `${(productsIn(architecture, classes) / 1e9).toFixed(1)} billion products for a picture of ${INPUT}×${INPUT}.`;
}
