/** What follows from the blocks that a model reports. Nothing is known of any one architecture. */

/**
 * @typedef {import('../types.js').Block} Block
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').Part} Part
 * @typedef {{kernel: number, input: number, output: number, stride: number}} Convolution
 */

/** Kernel sizes of F(x) by kind of block, as in the paper's figure 5. */
const KERNELS = { basic: [3, 3], bottleneck: [1, 3, 1] };

/** Channels of the stem, and how much smaller than the input its max-pooled output is. */
const STEM = { channels: 64, shrink: 4 };

/**
 * The number in the network's name: the stem's convolution, those of every F(x), the fully
 * connected layer. Shortcuts are not counted.
 * @param {readonly Block[]} blocks
 */
export function weightedLayers(blocks) {
  return blocks.reduce((sum, block) => sum + KERNELS[block.kind].length, 0) + 2;
}

/**
 * The convolutions of one block's F(x) and its stride.
 * @param {Model} model
 * @param {number} index of the block
 * @returns {{stride: number, inputs: number, convolutions: Convolution[]}}
 */
export function anatomy(model, index) {
  const { kind, shape: [channels, height] } = model.blocks[index];
  const [inputs, inputHeight] = index > 0
    ? model.blocks[index - 1].shape
    : [STEM.channels, Math.ceil(model.inputSize / STEM.shrink)];
  const stride = Math.round(inputHeight / height);
  const width = kind === 'bottleneck' ? channels / 4 : channels;
  const kernels = KERNELS[kind];
  // torchvision's layout: a block's stride sits on its first 3×3 convolution.
  const strided = kernels.indexOf(3);
  const convolutions = kernels.map((kernel, position) => ({
    kernel,
    input: position === 0 ? inputs : width,
    output: position === kernels.length - 1 ? channels : width,
    stride: position === strided ? stride : 1,
  }));
  return { stride, inputs, convolutions };
}

/** "identity", or "projected x · 1×1, s2". @param {Model} model @param {number} index */
export function shortcutName(model, index) {
  if (model.blocks[index].shortcut === 'identity') return 'identity';
  return `projected x · 1×1,\u00a0s${anatomy(model, index).stride}`;
}

/** The part that is added to F(x), by its name in the library. @param {Block} block @returns {Part} */
export function addend(block) {
  return block.shortcut === 'identity' ? 'input' : 'shortcut';
}

/** What a part is called on the page. @param {Block} block @param {Part} part */
export function partLabel(block, part) {
  const projected = block.shortcut === 'projection';
  return {
    input: 'x',
    shortcut: projected ? 'projected x' : 'x',
    residual: 'F(x)',
    sum: projected ? 'projected x + F(x)' : 'x + F(x)',
    output: 'output',
  }[part];
}

/**
 * The block that is shown close up first: the last one with an identity shortcut before the final
 * stage, where cells are few enough to be read.
 * @param {readonly Block[]} blocks
 */
export function firstCloseup(blocks) {
  const last = blocks[blocks.length - 1].shape[0];
  const earlier = blocks.filter(({ shape, shortcut }) => shape[0] !== last && shortcut === 'identity');
  return (earlier[earlier.length - 1] ?? blocks[0]).name;
}

/** "interim", where the model's own words say so. @param {Model} model */
export function isInterim({ card, licence }) {
  return /\binterim\b/i.test(`${card ?? ''} ${licence ?? ''}`);
}
