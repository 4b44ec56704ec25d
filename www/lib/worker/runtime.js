// The CPU engine: choosing the wasm file that fits this browser, and bringing it up.

import { failure, messageOf } from '../shared/errors.js';
import { hasRelaxedSimd, missing, planThreads } from './features.js';
import { startThreads } from './pool.js';
import { loadWasm } from './wasm-file.js';

/** @import { Backend } from '../../reslens.js' */
/** @import { OnBytes } from './download.js' */
/** @import { WasmFile } from './wasm-file.js' */

/** @typedef {import('./wasm/cpu.js').Engine} CpuEngine the engine in wasm: `src/wasm/cpu.rs` */

/** @typedef {typeof import('./wasm/cpu.js')} Glue the JavaScript that belongs to a wasm file */
/** @typedef {typeof import('./wasm/cpu-threads.js')} GlueWithThreads */

/**
 * @typedef {object} Runtime
 * @property {Glue} glue
 * @property {WebAssembly.Memory} memory
 * @property {number} threads
 * @property {Backend['simd']} simd
 * @property {MessagePort[]} crashPorts one for each thread besides this one
 * @property {string | null} reason why it is not what was asked for
 */

/**
 * Loads the engine: with the wanted threads and the best instructions where they are available, else without.
 * @param {number | 'auto'} requested threads
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
export async function startRuntime(requested, onBytes) {
  const lack = missing();
  if (lack) {
    throw failure(
      'BackendUnavailable',
      `this browser lacks ${lack}: use Chrome or Edge 112, Firefox 114, Safari 16.4 or newer`,
    );
  }
  const { threads, reason } = planThreads(requested);
  /** @type {Backend['simd'][]} */
  const simds = hasRelaxedSimd() ? ['relaxed', 'simd128'] : ['simd128'];
  const [best, ...others] = [...new Set([threads, 1])].flatMap((threads) =>
    simds.map((simd) => ({ threads, simd })),
  );
  try {
    return { ...(await start(best, onBytes)), reason };
  } catch (error) {
    return startAnother(others, threads, error, onBytes);
  }
}

/**
 * @typedef {{threads: number, simd: Backend['simd']}} Plan
 */

/**
 * Shared memory is refused, a thread does not start, the host lacks a file: none of these stops the
 * next engine.
 * @param {Plan[]} plans in order of preference
 * @param {number} wanted threads
 * @param {unknown} problem why no better plan worked
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
async function startAnother([plan, ...others], wanted, problem, onBytes) {
  if (!plan) throw problem;
  const lost = plan.threads < wanted ? 'one thread' : plan.simd;
  try {
    return { ...(await start(plan, onBytes)), reason: `${lost}: ${messageOf(problem)}` };
  } catch (error) {
    return startAnother(others, wanted, error, onBytes);
  }
}

/**
 * @param {Plan} plan
 * @param {OnBytes} onBytes
 * @returns {Promise<Omit<Runtime, 'reason'>>}
 */
async function start({ threads, simd }, onBytes) {
  /** @type {WasmFile<Glue>} */
  const { glue, module, url } = await loadWasm(
    `reslens-cpu-${simd}${threads > 1 ? '-threads' : ''}`,
    onBytes,
  );
  const { memory } = await glue.default({ module_or_path: module });
  if (threads === 1) return { glue, memory, threads, simd, crashPorts: [] };
  const pool = await startThreads(threads - 1, { glue: url, module, memory });
  try {
    /** @type {GlueWithThreads} */ (glue).buildThreadPool(threads); // this worker is one of them
  } catch (error) {
    pool.stop();
    throw error;
  }
  return { glue, memory, threads, simd, crashPorts: pool.crashPorts };
}
