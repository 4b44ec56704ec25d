// Safetensors files (https://huggingface.co/docs/safetensors): eight bytes with the header's length, the header in
// JSON, the tensors' bytes. A file is read as a `Blob`, so only the requested parts come into memory.

import { failure, kindOf, messageOf } from '../shared/errors.js';

/**
 * @typedef {object} Tensor
 * @property {string} dtype such as `F16`
 * @property {number[]} shape
 * @property {Blob} data
 */

/**
 * @typedef {object} TensorFile
 * @property {Map<string, Tensor>} tensors
 * @property {Record<string, string>} metadata
 */

/** The most bytes of a header. */
const MAX_HEADER = 8 * 2 ** 20;

/** Bytes of a number. @type {Record<string, number>} */
const BYTES = { F64: 8, I64: 8, F32: 4, I32: 4, F16: 2, BF16: 2, I16: 2, U8: 1, I8: 1 };

/**
 * @param {Blob} file
 * @returns {Promise<TensorFile>} rejects with `InputInvalid` for any other file
 */
export async function readTensors(file) {
  const refuse = (/** @type {string} */ found) => failure('InputInvalid', `file: expected a safetensors file, found ${found}`);
  const start = new DataView(await file.slice(0, 8).arrayBuffer());
  const length = start.byteLength === 8 ? Number(start.getBigUint64(0, true)) : Infinity;
  if (!(length <= MAX_HEADER && 8 + length <= file.size)) throw refuse(`${file.size} bytes without a header`);
  let header;
  try {
    header = JSON.parse(await file.slice(8, 8 + length).text());
  } catch (error) {
    throw refuse(`a header that is not JSON (${messageOf(error)})`);
  }
  if (!isObject(header)) throw refuse('a header that is not an object');
  const { __metadata__: notes, ...entries } = header;
  const metadata = notes ?? {};
  if (!isObject(metadata) || !Object.values(metadata).every((note) => typeof note === 'string')) {
    throw refuse('metadata that are not all strings');
  }
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    const place = isObject(entry) && placeOf(entry);
    if (!place || 8 + length + place.end > file.size) {
      throw refuse(`the tensor '${name}' of ${file.size} bytes, which does not fit its entry: the file is truncated or damaged`);
    }
    const { dtype, shape, begin, end } = place;
    tensors.set(name, { dtype, shape, data: file.slice(8 + length + begin, 8 + length + end) });
  }
  return { tensors, metadata: /** @type {Record<string, string>} */ (metadata) };
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => kindOf(value) === 'Object';

/** A number of bytes or elements. @param {unknown} value @returns {value is number} */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/**
 * Returns the content of a tensor's entry; null if its bytes do not match its type and shape.
 * @param {Record<string, unknown>} entry
 * @returns {{dtype: string, shape: number[], begin: number, end: number} | null}
 */
function placeOf({ dtype, shape, data_offsets: offsets }) {
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype) || !Array.isArray(shape) || !shape.every(isCount)) return null;
  const [begin, end] = Array.isArray(offsets) ? offsets : [];
  const size = shape.reduce((product, side) => product * side, BYTES[dtype]);
  return isCount(begin) && isCount(end) && end - begin === size ? { dtype, shape, begin, end } : null;
}

/**
 * @param {Map<string, {dtype: string, shape: number[], data: Blob | Uint8Array<ArrayBuffer>}>} tensors
 * @param {Record<string, string>} metadata
 * @returns {Blob}
 */
export function writeTensors(tensors, metadata) {
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const begin = end;
    end += data instanceof Blob ? data.size : data.byteLength;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces pad the header, so that the tensors begin at a multiple of eight.
  const padding = ' '.repeat((8 - (text.length % 8)) % 8);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length + padding.length), true);
  return new Blob([length, text, padding, ...Array.from(tensors.values(), ({ data }) => data)]);
}
