// The CPU engine: choosing the wasm file that fits this browser, and bringing it up.

import { failure, messageOf } from './errors.js';
import { hasSimd, planThreads } from './features.js';
import { startThreads } from './pool.js';
import { loadWasm } from './wasm-file.js';

/** @import { OnBytes } from './download.js' */
/** @import { WasmFile } from './wasm-file.js' */

/**
 * The engine in wasm: `src/wasm.rs`. Its methods throw Errors with the library's names.
 * @typedef {object} CpuEngine
 * @property {() => object} model
 * @property {(rgba: Uint8ClampedArray, width: number, height: number, options: object) => Result}
 *   classify
 * @property {(rgba: Uint8ClampedArray, width: number, height: number) => Float32Array} embed
 * @property {(input: Float32Array, shape: Uint32Array, options: object) => object} logits
 * @property {() => Float32Array} probe logits and maps of a fixed image at the model's own size
 */

/**
 * What `classify` answers, as far as the worker looks at it; times are in ms.
 * @typedef {{timings: {preprocess: number, total: number}}} Result
 */

/**
 * The JavaScript that belongs to a wasm file.
 * @typedef {object} Glue
 * @property {(init: {module_or_path: WebAssembly.Module}) => Promise<{memory: WebAssembly.Memory}>}
 *   default
 * @property {{load(model: Uint8Array): CpuEngine}} Engine
 * @property {(threads: number) => void} buildThreadPool in the file with threads
 */

/**
 * @typedef {object} Runtime
 * @property {Glue} glue
 * @property {WebAssembly.Memory} memory
 * @property {number} threads
 * @property {MessagePort[]} lines to each thread besides this one
 * @property {string | null} reason why it is not what was asked for
 */

const SINGLE = 'reslens-cpu-simd128';
const THREADED = 'reslens-cpu-simd128-threads';

/**
 * Loads the engine: with threads where they are wanted and can be had, else without.
 * @param {number | 'auto'} requested threads
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
export async function startRuntime(requested, onBytes) {
  if (!hasSimd()) {
    throw failure(
      'BackendUnavailable',
      'this browser lacks WebAssembly SIMD: use Chrome or Edge 112, Firefox 114, Safari 16.4 or newer',
    );
  }
  const { threads, reason } = planThreads(requested);
  if (threads === 1) return startSingle(reason, onBytes);
  try {
    return await startThreaded(threads, onBytes);
  } catch (error) {
    // Shared memory is refused, a thread does not start, the host lacks the file: none of these
    // stops the other engine.
    return startSingle(`one thread: ${messageOf(error)}`, onBytes);
  }
}

/**
 * @param {string | null} reason
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
async function startSingle(reason, onBytes) {
  /** @type {WasmFile<Glue>} */
  const { glue, module } = await loadWasm(SINGLE, onBytes);
  const { memory } = await glue.default({ module_or_path: module });
  return { glue, memory, threads: 1, lines: [], reason };
}

/**
 * @param {number} threads
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
async function startThreaded(threads, onBytes) {
  /** @type {WasmFile<Glue>} */
  const { glue, module, url } = await loadWasm(THREADED, onBytes);
  const { memory } = await glue.default({ module_or_path: module });
  const pool = await startThreads(threads - 1, { glue: url, module, memory });
  try {
    glue.buildThreadPool(threads); // this worker is one of them
  } catch (error) {
    pool.stop();
    throw error;
  }
  return { glue, memory, threads, lines: pool.lines, reason: null };
}
