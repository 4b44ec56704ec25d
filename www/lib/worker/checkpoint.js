// PyTorch's checkpoints: converted by a wasm file of its own, in a worker that ends when it has.

import { failure } from '../shared/errors.js';
import { scriptUrl } from '../shared/script-url.js';

/** @import { ErrorRecord } from '../shared/errors.js' */
/** @import { ModelFile } from './model-file.js' */

/**
 * What the worker that converts answers.
 * @typedef {{file: Uint8Array<ArrayBuffer>} | {error: ErrorRecord}} Converted
 */

/**
 * Gives a model's file as safetensors: itself, or what a checkpoint of PyTorch is converted to. Bytes tell
 * which, as `src/weights/format.rs` does; a ZIP archive or a pickle is no other format of models.
 * @param {ModelFile} file
 * @returns {Promise<ModelFile>}
 */
export async function asSafetensors(file) {
  const [first, second, third, fourth] = file.bytes;
  const zip = first === 0x50 && second === 0x4b && third === 3 && fourth === 4;
  const pickle = first === 0x80 && second >= 2 && second <= 5;
  if (!zip && !pickle) return file;
  const bytes = await convert(file.bytes);
  return { ...file, bytes, blob: new Blob([bytes]) };
}

/**
 * @param {Uint8Array<ArrayBuffer>} checkpoint is given away
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function convert(checkpoint) {
  const url = new URL('./checkpoint-worker.js', import.meta.url);
  const worker = new Worker(scriptUrl(url), { type: 'module', name: 'reslens import' });
  try {
    /** @type {Converted} */
    const converted = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault(); // handled: it rejects
        reject(failure('BackendUnavailable', `${url} failed: ${event.message || 'it cannot be loaded'}`));
      };
      worker.postMessage(checkpoint, [checkpoint.buffer]);
    });
    if ('error' in converted) throw failure(converted.error.name, converted.error.message);
    return converted.file;
  } finally {
    worker.terminate(); // with the memory that it took: a multiple of the file
  }
}
