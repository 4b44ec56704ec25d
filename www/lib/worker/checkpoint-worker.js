// The worker that converts one of PyTorch's checkpoints: `checkpoint.js` starts it.

import { isFailure, record } from '../shared/errors.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { loadWasm } from './wasm-file.js';

/** @import { Converted } from './checkpoint.js' */
/** @import { WasmFile } from './wasm-file.js' */

/** @typedef {typeof import('./wasm/import.js')} Glue the JavaScript that belongs to the wasm file */

listenForPanics();

self.onmessage = async (/** @type {MessageEvent<Uint8Array>} */ { data: checkpoint }) => {
  try {
    /** @type {WasmFile<Glue>} */
    const { glue, module } = await loadWasm('reslens-import', () => {});
    await glue.default({ module_or_path: module });
    const file = /** @type {Uint8Array<ArrayBuffer>} */ (glue.importCheckpoint(checkpoint));
    self.postMessage(/** @satisfies {Converted} */ ({ file }), [file.buffer]);
  } catch (error) {
    const told = record(isFailure(error) ? error : crash(error, LOAD));
    self.postMessage(/** @satisfies {Converted} */ ({ error: told }));
  }
};
