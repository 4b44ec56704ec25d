/**
 * Words and figures about the blocks that a model reports, without knowledge of any architecture.
 *
 * @typedef {import('../types.js').Block} Block
 * @typedef {import('../types.js').Convolution} Convolution
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').Part} Part
 */

/**
 * Returns the number in the network's name: the stem's convolution, those of every F(x), the fully
 * connected layer. Projections are not counted.
 * @param {readonly Block[]} blocks
 */
export function weightedLayers(blocks) {
  return blocks.reduce((sum, { convs }) => sum + convs.length, 0) + 2;
}

/** Returns a convolution as "3×3, 64 → 128, s2"; a stride of 1 is omitted. @param {Convolution} convolution */
export function convolutionText({ kernel, input, output, stride }) {
  return `${kernel}×${kernel}, ${input[0]} → ${output[0]}${stride > 1 ? `, s${stride}` : ''}`;
}

/** "identity", or "projected x · 1×1, s2". @param {Block} block */
export function shortcutName({ projection }) {
  return projection ? `projected x · ${projection.kernel}×${projection.kernel},\u00a0s${projection.stride}` : 'identity';
}

/** Returns the part that is added to F(x), by its name in the library. @param {Block} block @returns {Part} */
export function addend(block) {
  return block.projection ? 'shortcut' : 'input';
}

/** Returns the name of a part on the page. @param {Block} block @param {Part} part */
export function partLabel(block, part) {
  const projected = block.projection !== null;
  return {
    input: 'x',
    shortcut: projected ? 'projected x' : 'x',
    residual: 'F(x)',
    sum: projected ? 'projected x + F(x)' : 'x + F(x)',
    output: 'output',
  }[part];
}

/**
 * Returns the first block for the close-up: the last one with an identity shortcut before the final
 * stage, which has few enough cells to read.
 * @param {readonly Block[]} blocks
 */
export function firstCloseup(blocks) {
  const last = blocks[blocks.length - 1].shape[0];
  const earlier = blocks.filter(({ shape, shortcut }) => shape[0] !== last && shortcut === 'identity');
  return (earlier[earlier.length - 1] ?? blocks[0]).name;
}

/** Returns whether the model describes itself as interim. @param {Model} model */
export function isInterim({ card, licence }) {
  return /\binterim\b/i.test(`${card ?? ''} ${licence ?? ''}`);
}
