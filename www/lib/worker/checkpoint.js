// PyTorch checkpoints in the engine's worker. Another worker converts them and then ends, which frees its memory, a
// multiple of the file's size. The page starts it, as it starts threads.

import { failure } from '../shared/errors.js';
import { isCheckpoint } from './file-kind.js';
import { blobOf } from './model-file.js';

/** @import { Converted } from '../shared/conversion.js' */
/** @import { ConvertMessage, WasmSources } from '../shared/protocol.js' */
/** @import { ModelFile } from './model-file.js' */

export class Converter {
  #send;

  /** Ends the wait for the page's answer. */
  #settled = (/** @type {Converted} */ _) => {};

  /** @param {(message: ConvertMessage, transfer: Transferable[]) => void} send to the page */
  constructor(send) {
    this.#send = send;
  }

  /**
   * Converts a checkpoint to a safetensors file.
   * @param {Uint8Array<ArrayBuffer>} checkpoint transferred
   * @param {WasmSources} wasm
   * @returns {Promise<Uint8Array<ArrayBuffer>>} rejects with `ModelInvalid`, `OutOfMemory` or `BackendUnavailable`
   */
  async convert(checkpoint, wasm) {
    /** @type {Promise<Converted>} */
    const answer = new Promise((resolve) => (this.#settled = resolve));
    this.#send({ type: 'convert', start: { type: 'conversion', wasm, checkpoint } }, [checkpoint.buffer]);
    const converted = await answer;
    if ('error' in converted) throw failure(converted.error.name, converted.error.message);
    return converted.file;
  }

  /** Receives the page's answer. @param {Converted} converted */
  settle(converted) {
    this.#settled(converted);
  }
}

/**
 * Returns a model's file as safetensors, converted if it is a PyTorch checkpoint. The bytes decide
 * that, as in `src/weights/format.rs`.
 * @param {ModelFile} file
 * @param {Converter} converter
 * @param {WasmSources} wasm
 * @returns {Promise<ModelFile>}
 */
export async function asSafetensors(file, converter, wasm) {
  if (!isCheckpoint(file.bytes)) return file;
  const bytes = await converter.convert(file.bytes, wasm);
  return { ...file, bytes, blob: blobOf(bytes) };
}
