// A ResNet as a list of convolutions with folded batch norms, as converters produce it.

import { readWeights } from './safetensors.js';

/** @import { Weight } from './safetensors.js' */

const EPSILON = 1e-5;

/**
 * @typedef {object} Conv
 * @property {Float32Array} filter [kernel, kernel, inputs, outputs]
 * @property {[number, number, number, number]} shape the filter's
 * @property {Float32Array} bias
 * @property {number} stride
 */

/** @typedef {{convs: Conv[], projection: Conv | null}} Block */

/**
 * @typedef {object} Network
 * @property {Conv} stem
 * @property {Block[]} blocks
 * @property {{weight: Weight, bias: Weight}} head weight: [classes, features]
 */

/**
 * @param {ArrayBuffer} file safetensors
 * @returns {Network}
 */
export function readNetwork(file) {
  const weights = readWeights(file);
  const get = (/** @type {string} */ name) => {
    const weight = weights.get(name);
    if (!weight) throw new Error(`the model has no tensor ${name}`);
    return weight;
  };
  const conv = (/** @type {string} */ name, /** @type {string} */ norm, /** @type {number} */ stride) =>
    fold(get, name, norm, stride);
  const blocks = [];
  for (let stage = 1; stage <= 4; stage++) {
    for (let index = 0; weights.has(`layer${stage}.${index}.conv1.weight`); index++) {
      const block = `layer${stage}.${index}`;
      const stride = stage > 1 && index === 0 ? 2 : 1;
      const bottleneck = weights.has(`${block}.conv3.weight`);
      // The stride is in the first 3×3 convolution.
      const strides = bottleneck ? [1, stride, 1] : [stride, 1];
      const hasProjection = weights.has(`${block}.downsample.0.weight`);
      blocks.push({
        convs: strides.map((each, i) => conv(`${block}.conv${i + 1}`, `${block}.bn${i + 1}`, each)),
        projection: hasProjection
          ? conv(`${block}.downsample.0`, `${block}.downsample.1`, stride)
          : null,
      });
    }
  }
  return {
    stem: conv('conv1', 'bn1', 2),
    blocks,
    head: { weight: get('fc.weight'), bias: get('fc.bias') },
  };
}

/**
 * conv(x)·scale + shift as one convolution: scale = γ / √(variance + ε), shift = β − mean·scale.
 * @param {(name: string) => Weight} get
 * @param {string} name
 * @param {string} norm
 * @param {number} stride
 * @returns {Conv}
 */
function fold(get, name, norm, stride) {
  const { shape, data } = get(`${name}.weight`);
  const [outputs, inputs, kernel] = /** @type {[number, number, number]} */ (shape);
  const tensor = (/** @type {string} */ part) => get(`${norm}.${part}`).data;
  const [gamma, beta, mean, variance] = [
    tensor('weight'),
    tensor('bias'),
    tensor('running_mean'),
    tensor('running_var'),
  ];
  const filter = new Float32Array(data.length);
  const bias = new Float32Array(outputs);
  const taps = kernel * kernel;
  for (let o = 0; o < outputs; o++) {
    const scale = gamma[o] / Math.sqrt(variance[o] + EPSILON);
    bias[o] = beta[o] - mean[o] * scale;
    for (let i = 0; i < inputs; i++) {
      for (let t = 0; t < taps; t++) {
        filter[(t * inputs + i) * outputs + o] = data[(o * inputs + i) * taps + t] * scale;
      }
    }
  }
  return { filter, shape: [kernel, kernel, inputs, outputs], bias, stride };
}
