// ResNets with random weights as safetensors files, for tests that need a network's shape but not its knowledge.

/** Blocks in each of the four stages. */
const DEPTHS = {
  resnet18: [2, 2, 2, 2],
  resnet34: [3, 4, 6, 3],
  resnet50: [3, 4, 6, 3],
};

/** @typedef {{name: string, shape: number[], value: () => number}} Tensor */

/**
 * Returns the bytes of a model in torchvision's naming, F16.
 * @param {keyof typeof DEPTHS} architecture
 * @param {{inputSize: number, classes: number}} options
 * @returns {Buffer}
 */
export function randomModel(architecture, { inputSize, classes }) {
  const tensors = [...network(architecture, classes)];
  /** @type {Record<string, object>} */
  const header = {
    __metadata__: { 'reslens.architecture': architecture, 'reslens.input_size': String(inputSize), 'reslens.resize': String(inputSize) },
  };
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 2 * count(shape);
    header[name] = { dtype: 'F16', shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const data = new Uint16Array(end / 2);
  let at = 0;
  for (const { shape, value } of tensors) {
    const stop = at + count(shape);
    while (at < stop) data[at++] = half(value());
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(data.buffer)]);
}

/**
 * Returns the same model with more metadata.
 * @param {Buffer} model
 * @param {Record<string, string>} more
 * @returns {Buffer}
 */
export function withMetadata(model, more) {
  const end = 8 + Number(model.readBigUInt64LE(0));
  const header = JSON.parse(model.toString('utf8', 8, end));
  Object.assign(header.__metadata__, more);
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, model.subarray(end)]);
}

/** @param {keyof typeof DEPTHS} architecture @param {number} classes @returns {Generator<Tensor>} */
function* network(architecture, classes) {
  const random = xorshift(1);
  const bottleneck = architecture === 'resnet50';
  const expansion = bottleneck ? 4 : 1;

  /** @param {string} name @param {string} norm @param {number} output @param {number} input @param {number} size @returns {Generator<Tensor>} */
  function* convolution(name, norm, output, input, size) {
    const bound = Math.sqrt(6 / (input * size * size)); // He initialisation: keeps the activations' scale
    yield { name: `${name}.weight`, shape: [output, input, size, size], value: () => bound * random() };
    for (const [part, constant] of /** @type {const} */ ([['weight', 1], ['bias', 0], ['running_mean', 0], ['running_var', 1]])) {
      yield { name: `${norm}.${part}`, shape: [output], value: () => constant };
    }
  }

  yield* convolution('conv1', 'bn1', 64, 3, 7);
  let input = 64;
  for (const [stage, depth] of DEPTHS[architecture].entries()) {
    const width = 64 << stage;
    for (let block = 0; block < depth; block++) {
      const path = `layer${stage + 1}.${block}`;
      const output = width * expansion;
      const layers = bottleneck ? [[width, input, 1], [width, width, 3], [output, width, 1]] : [[width, input, 3], [width, width, 3]];
      for (const [index, [to, from, size]] of layers.entries()) {
        yield* convolution(`${path}.conv${index + 1}`, `${path}.bn${index + 1}`, to, from, size);
      }
      if (block === 0 && input !== output) yield* convolution(`${path}.downsample.0`, `${path}.downsample.1`, output, input, 1);
      input = output;
    }
  }
  const bound = 1 / Math.sqrt(input);
  yield { name: 'fc.weight', shape: [classes, input], value: () => bound * random() };
  yield { name: 'fc.bias', shape: [classes], value: () => 0 };
}

/** @param {number[]} shape */
const count = (shape) => shape.reduce((product, side) => product * side, 1);

/** Draws numbers in [-1, 1), the same ones every time. @param {number} seed */
function xorshift(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Returns the bits of a number as F16, truncated, not rounded; subnormal numbers become 0. @param {number} value */
function half(value) {
  single[0] = value;
  const exponent = ((bits[0] >>> 23) & 255) - 112;
  const sign = (bits[0] >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits[0] >>> 13) & 0x3ff);
}
