// A taught model as a file: the network that it was taught to, with another fully connected layer.

import { failure } from '../shared/errors.js';
import { fromHalf, toHalf } from './half.js';
import { readTensors, writeTensors } from './safetensors.js';

/** @import { Head } from './discriminant.js' */
/** @import { Tensor } from './safetensors.js' */

/**
 * The new layer, and how to read its answers.
 * @typedef {object} Answers
 * @property {readonly string[]} labels
 * @property {Head} head
 * @property {number} temperature
 * @property {number} abstainBelow
 * @property {string} architecture
 * @property {string} card the model's origin
 */

/** The layers to convert: the rest, biases and batch norms, is a thousandth of the file. */
const isMatrix = (/** @type {Tensor} */ { shape }) => shape.length > 1;

/**
 * Writes a model.
 * @param {Blob} file with torchvision's names
 * @param {Answers} answers
 * @param {'F16' | 'F32' | undefined} dtype of the kernels; default: the file's own
 * @returns {Promise<Blob>}
 */
export async function exportModel(file, { labels, head, temperature, abstainBelow, architecture, card }, dtype) {
  const { tensors, metadata } = await readTensors(file);
  for (const [name, tensor] of tensors) {
    if (dtype && isMatrix(tensor)) tensors.set(name, await convert(name, tensor, dtype));
  }
  /** @type {Map<string, Tensor>} */
  const layer = new Map([
    // Always in single precision: a layer of this size costs nothing, and its sums cancel.
    ['fc.weight', floats(head.weights, [labels.length, head.weights[0].length])],
    ['fc.bias', floats([head.biases], [labels.length])],
  ]);
  return writeTensors(new Map([...tensors, ...layer]), {
    ...metadata,
    format: 'pt',
    'reslens.architecture': architecture,
    'reslens.labels': JSON.stringify(labels),
    'reslens.temperature': String(temperature),
    'reslens.abstain_below': String(abstainBelow),
    'reslens.card': card,
  });
}

/** @param {readonly Float32Array[]} rows @param {number[]} shape @returns {Tensor} */
function floats(rows, shape) {
  const bytes = new DataView(new ArrayBuffer(4 * rows.length * rows[0].length));
  rows.forEach((row, i) => row.forEach((value, j) => bytes.setFloat32(4 * (i * row.length + j), value, true)));
  return { dtype: 'F32', shape, data: new Blob([bytes]) };
}

/** Reading and writing numbers of each kind. @type {Record<string, {bytes: number, get(view: DataView, at: number): number}>} */
const READ = {
  F32: { bytes: 4, get: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, get: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: {
    bytes: 2,
    get(view, at) {
      const single = new DataView(new ArrayBuffer(4));
      single.setUint16(0, view.getUint16(at, true));
      return single.getFloat32(0);
    },
  },
};

/**
 * @param {string} name
 * @param {Tensor} tensor
 * @param {'F16' | 'F32'} dtype
 * @returns {Promise<Tensor>}
 */
async function convert(name, tensor, dtype) {
  if (tensor.dtype === dtype || !(tensor.dtype in READ)) return tensor;
  const { bytes, get } = READ[tensor.dtype];
  const from = new DataView(await tensor.data.arrayBuffer());
  const width = dtype === 'F16' ? 2 : 4;
  const to = new DataView(new ArrayBuffer((from.byteLength / bytes) * width));
  for (let i = 0; i * bytes < from.byteLength; i++) {
    const value = get(from, i * bytes);
    if (dtype === 'F32') to.setFloat32(4 * i, value, true);
    else {
      const half = toHalf(value);
      if (!Number.isFinite(fromHalf(half))) {
        throw failure('InputInvalid', `dtype: expected F32, found F16, which cannot hold ${value} of '${name}'`);
      }
      to.setUint16(2 * i, half, true);
    }
  }
  return { dtype, shape: tensor.shape, data: new Blob([to]) };
}
