// Reads a safetensors file that is known to be valid.

/** @typedef {{shape: number[], data: Float32Array}} Weight */

/** @type {Record<string, (bytes: ArrayBuffer) => Float32Array>} */
const DECODERS = {
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => Float32Array.from(new Float16Array(bytes)),
  BF16: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (n) => n << 16).buffer),
};

/**
 * Reads all floating-point tensors, by name.
 * @param {ArrayBuffer} file
 * @returns {Map<string, Weight>}
 */
export function readWeights(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  /** @type {Map<string, Weight>} */
  const weights = new Map();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    const decode = DECODERS[dtype];
    if (!decode) continue; // metadata, and the counters that inference does not use
    const [from, to] = offsets.map((/** @type {number} */ offset) => 8 + length + offset);
    weights.set(name, { shape, data: decode(file.slice(from, to)) });
  }
  return weights;
}
