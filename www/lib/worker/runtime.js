// The CPU engine: chooses the wasm file for this browser, and starts it.

import { failure, messageOf } from '../shared/errors.js';
import { hasRelaxedSimd, missing, planThreads } from '../shared/features.js';

/** @import { Backend } from '../../reslens.js' */
/** @import { EngineFile } from '../shared/protocol.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Pool } from './pool.js' */
/** @import { WasmFile, WasmFiles } from './wasm-file.js' */

/** @typedef {import('./wasm/cpu.js').Engine} CpuEngine the engine in wasm: `src/wasm/cpu.rs` */

/** @typedef {typeof import('./wasm/cpu.js')} Glue the JavaScript that belongs to a wasm file */
/** @typedef {typeof import('./wasm/cpu-threads.js')} GlueWithThreads */

/**
 * @typedef {object} Runtime
 * @property {Glue} glue
 * @property {WebAssembly.Memory} memory
 * @property {number} threads
 * @property {Backend['simd']} simd
 * @property {string | null} reason why it is not what was requested
 * @property {() => void} end ends its threads; its memory is freed with the last reference to it
 * @property {() => Promise<Runtime>} renew starts the same once more, in new memory
 */

/**
 * The parts from which an engine is made.
 * @typedef {{files: WasmFiles, pool: Pool}} Parts
 */

/**
 * Loads the engine with the requested threads and the best instructions if available, else without.
 * @param {{threads: number | 'auto', trapped: string | null}} requested `trapped`: the message of such an engine that
 *   trapped; one thread and plain SIMD are used then
 * @param {Parts} parts
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
export async function startRuntime({ threads: requested, trapped }, parts, onBytes) {
  const lack = missing();
  if (lack) {
    throw failure(
      'BackendUnavailable',
      `this browser lacks ${lack}: use Chrome or Edge 112, Firefox 114, Safari 16.4 or newer`,
    );
  }
  const { threads, reason } = trapped
    ? { threads: 1, reason: `one thread, simd128: ${trapped}` }
    : planThreads(requested);
  /** @type {Backend['simd'][]} */
  const simds = !trapped && hasRelaxedSimd() ? ['relaxed', 'simd128'] : ['simd128'];
  const [best, ...others] = [...new Set([threads, 1])]
    .flatMap((threads) => simds.map((simd) => ({ threads, simd })))
    .filter((plan) => parts.files.has(fileOf(plan)));
  try {
    return await start(best, parts, onBytes, best.threads < threads ? NO_THREADS : reason);
  } catch (error) {
    return startAnother(others, threads, error, parts, onBytes);
  }
}

/** The reason in a build of the library without files for threads. */
const NO_THREADS = "one thread: 'reslens/inline' has no threads, import 'reslens' for them";

/**
 * @typedef {{threads: number, simd: Backend['simd']}} Plan
 */

/** @param {Plan} plan @returns {EngineFile} */
const fileOf = ({ threads, simd }) =>
  threads > 1 ? `reslens-cpu-${simd}-threads` : `reslens-cpu-${simd}`;

/**
 * Starts the next engine: refused shared memory, a thread that does not start, or a missing file does not stop it.
 * @param {Plan[]} plans in order of preference
 * @param {number} wanted threads
 * @param {unknown} problem why no better plan worked
 * @param {Parts} parts
 * @param {OnBytes} onBytes
 * @returns {Promise<Runtime>}
 */
async function startAnother([plan, ...others], wanted, problem, parts, onBytes) {
  if (!plan) throw problem;
  const lost = plan.threads < wanted ? 'one thread' : plan.simd;
  try {
    return await start(plan, parts, onBytes, `${lost}: ${messageOf(problem)}`);
  } catch (error) {
    return startAnother(others, wanted, error, parts, onBytes);
  }
}

/**
 * @param {Plan} plan
 * @param {Parts} parts
 * @param {OnBytes} onBytes
 * @param {string | null} reason why it is not what was requested
 */
async function start(plan, { files, pool }, onBytes, reason) {
  /** @type {WasmFile<Glue>} */
  const file = await files.load(fileOf(plan), onBytes);
  return instantiate(plan, file, pool, reason);
}

/**
 * @param {Plan} plan
 * @param {WasmFile<Glue>} wasm
 * @param {Pool} pool
 * @param {string | null} reason
 * @returns {Promise<Runtime>}
 */
async function instantiate({ threads, simd }, wasm, pool, reason) {
  const { file, module } = wasm;
  const glue = wasm.createGlue();
  const { memory } = await glue.default({ module_or_path: module });
  const renew = () => instantiate({ threads, simd }, wasm, pool, reason);
  const runtime = { glue, memory, threads, simd, reason, renew };
  if (threads === 1) return { ...runtime, end: () => {} };
  await pool.start(threads - 1, { type: 'thread', file, module, memory });
  try {
    /** @type {GlueWithThreads} */ (glue).buildThreadPool(threads); // this worker is one of them
  } catch (error) {
    pool.stop();
    throw error;
  }
  return { ...runtime, end: () => pool.stop() };
}
