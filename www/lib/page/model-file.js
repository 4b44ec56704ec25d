// The file of the loaded model, as the base of another one.

import { failure } from '../shared/errors.js';
import { Conversion } from './conversion.js';

/** @import { WasmSources } from '../shared/protocol.js' */

/** The names of torchvision's tensors. */
const PLAIN = /^(?:conv1|bn1|layer[1-4]\.\d+\.\w+|fc)\./;

/**
 * Gives a file's tensors torchvision's names. If they have others, or the file has further tensors, the checkpoint
 * reader writes the file again.
 * @param {Blob} file safetensors that an engine has read, so its header is valid
 * @param {() => Worker} start starts a worker
 * @param {WasmSources} wasm
 * @returns {Promise<Blob>}
 */
export async function withPlainNames(file, start, wasm) {
  const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  const { __metadata__: _, ...tensors } = JSON.parse(await file.slice(8, 8 + Number(length)).text());
  if (Object.keys(tensors).every((name) => PLAIN.test(name)) && 'fc.weight' in tensors) return file;
  const checkpoint = new Uint8Array(await file.arrayBuffer());
  const converted = await new Conversion(start).run({ type: 'conversion', wasm, checkpoint });
  if ('error' in converted) throw failure(converted.error.name, converted.error.message);
  return new Blob([converted.file]);
}

/** The file of a loaded model, which its worker sends some time after it has loaded it. */
export class LoadedFile {
  /** The file, if it has arrived. @type {Blob | null} */
  blob = null;

  /** Ends the wait, with the reason if no file will arrive. @type {(trouble?: unknown) => void} */
  end = () => {};

  #ended = new Promise((resolve) => (this.end = resolve));

  /** Waits for the file. @returns {Promise<Blob>} rejects if the worker ends before it sends it */
  async get() {
    const trouble = await this.#ended;
    if (trouble) throw trouble;
    return /** @type {Blob} */ (this.blob);
  }

  /** @param {Blob} blob */
  arrive(blob) {
    this.blob = blob;
    this.end();
  }
}
