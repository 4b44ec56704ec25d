// TensorFlow.js on its wasm backend (XNNPACK) or on a GPU, with the operations that its converter produces for a
// ResNet: batch norms folded, bias and ReLU fused into the convolutions.

import { channelsLast } from './layout.js';
import { readNetwork } from './resnet.js';

/** @import { Conv, Network } from './resnet.js' */

const FOLDER = '/tfjs/';

/**
 * @param {ArrayBuffer} model safetensors
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({
  network: readNetwork(model),
  input: channelsLast(input, size),
  size,
});

/**
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
export async function load({ network, input, size }, threads) {
  // It uses at most half of the logical cores for its threads (tensorflow/tfjs#8513).
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * threads });
  await import(`${FOLDER}tf-core.min.js`);
  await import(`${FOLDER}tf-backend-wasm.min.js`);
  const { tf } = /** @type {any} */ (globalThis);
  tf.wasm.setWasmPaths(FOLDER);
  tf.wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
  const run = upload(tf, network);
  return {
    infer: () => tf.tidy(() => run(tf.tensor(input, [1, size, size, 3])).dataSync()),
    threads: tf.wasm.getThreadsCount(),
  };
}

/** @param {'webgpu' | 'webgl'} backend */
export function gpuLoader(backend) {
  /**
   * @param {ReturnType<typeof prepare>} prepared
   * @param {number} threads
   */
  return async ({ network, input, size }, threads) => {
    await import(`${FOLDER}tf-core.min.js`);
    await import(`${FOLDER}tf-backend-${backend}.min.js`);
    const { tf } = /** @type {any} */ (globalThis);
    if (!(await tf.setBackend(backend))) throw new Error(`no ${backend} backend`);
    const run = upload(tf, network);
    return {
      infer: async () => {
        const output = tf.tidy(() => run(tf.tensor(input, [1, size, size, 3])));
        const logits = await output.data();
        output.dispose();
        return logits;
      },
      threads,
    };
  };
}

/**
 * Uploads the weights to TensorFlow.js; returns a function that computes the logits of a tensor.
 * @param {any} tf
 * @param {Network} network
 */
function upload(tf, { stem, blocks, head }) {
  const uploaded = (/** @type {Conv} */ { filter, shape, bias, stride }) => {
    const constants = { filter: tf.tensor(filter, shape), bias: tf.tensor1d(bias) };
    const fixed = { ...constants, strides: stride, pad: shape[0] >> 1, dimRoundingMode: 'floor' };
    return (/** @type {any} */ x, /** @type {'relu' | 'linear'} */ activation) =>
      tf.fused.conv2d({ ...fixed, x, activation });
  };
  const first = uploaded(stem);
  const residuals = blocks.map(({ convs, projection }) => ({
    convs: convs.map(uploaded),
    project: projection && uploaded(projection),
  }));
  const weight = tf.transpose(tf.tensor(head.weight.data, head.weight.shape));
  const bias = tf.tensor1d(head.bias.data);
  return (/** @type {any} */ x) => {
    x = tf.maxPool(first(x, 'relu'), 3, 2, 1, 'floor');
    for (const { convs, project } of residuals) {
      const shortcut = project ? project(x, 'linear') : x;
      const last = convs.length - 1;
      const residual = convs.reduce((f, conv, i) => conv(f, i < last ? 'relu' : 'linear'), x);
      x = tf.relu(tf.add(shortcut, residual));
    }
    return tf.fused.matMul({ a: tf.mean(x, [1, 2]), b: weight, bias });
  };
}
