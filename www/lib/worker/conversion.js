// The worker that converts one PyTorch checkpoint, and then ends.

import { isFailure, record } from '../shared/errors.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { WasmFiles } from './wasm-file.js';

/** @import { ConversionStart, Converted } from '../shared/conversion.js' */
/** @import { Glues } from './wasm-file.js' */

/** @typedef {typeof import('./wasm/import.js')} Glue the JavaScript that belongs to the wasm file */

/**
 * Makes this worker a checkpoint converter.
 * @param {ConversionStart} start
 * @param {Glues} glues
 */
export async function convertCheckpoint({ wasm, checkpoint }, glues) {
  listenForPanics();
  const tell = (/** @type {Converted} */ converted, /** @type {Transferable[]} */ transfer = []) =>
    self.postMessage(converted, transfer);
  try {
    /** @type {Glue} */
    const glue = await new WasmFiles(wasm, glues).start('reslens-import', () => {});
    const file = /** @type {Uint8Array<ArrayBuffer>} */ (glue.importCheckpoint(checkpoint));
    tell({ file }, [file.buffer]);
  } catch (error) {
    tell({ error: record(isFailure(error) ? error : crash(error, LOAD)) });
  }
}
