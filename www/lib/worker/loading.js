// Bringing up the engines. The CPU's comes first: it is the judge of the GPU's, and its fall-back.

import { findAdapter } from './adapter.js';
import { together } from './download.js';
import { Engines } from './engines.js';
import { failure, messageOf } from '../shared/errors.js';
import { GpuEngine } from './gpu.js';
import { readModel } from './model-file.js';
import { startRuntime } from './runtime.js';
import { sha256 } from './sha256.js';
import { loadWasm } from './wasm-file.js';

/** @import { Adapter } from './adapter.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Glue } from './gpu.js' */
/** @import { ModelFile } from './model-file.js' */
/** @import { Simulation } from '../../reslens.js' */
/** @import { LoadMessage, Progress } from '../shared/protocol.js' */
/** @import { WasmFile } from './wasm-file.js' */

/**
 * What is told.
 * @typedef {object} Listeners
 * @property {(phase: Progress['phase']) =>
 *   (loaded: number, total: number | null, fromCache?: boolean) => void} reporter
 * @property {(crashPorts: MessagePort[]) => void} onThreads before the threads are used
 * @property {() => void} onChange after loading, when the GPU is given up or back
 */

/**
 * @param {LoadMessage} message
 * @param {Listeners} listeners
 * @returns {Promise<{engines: Engines, file: ModelFile, hash: Promise<string | null>}>}
 */
export async function load(message, { reporter, onThreads, onChange }) {
  const { model, backend, fallback, threads, simulate } = message;
  /** @type {string | null} */
  let reason = null;
  /**
   * Something on the way to the GPU: where it fails, the CPU is used, or nothing at all.
   * @template T
   * @param {() => Promise<T>} run
   */
  const tryGpu = async (run) => {
    try {
      return await run();
    } catch (error) {
      if (!fallback) throw error;
      reason = messageOf(error);
      return null;
    }
  };

  const runtimeBytes = together(reporter('runtime'));
  const [runtime, file, plan] = await Promise.all([
    startRuntime(threads, runtimeBytes()),
    readModel(model, reporter('weights')),
    backend === 'cpu' ? null : tryGpu(() => planGpu(backend, simulate, runtimeBytes)),
  ]);
  onThreads(runtime.crashPorts);
  const hash = sha256(file.bytes); // while the engines start

  const compiled = reporter('compile');
  compiled(0, plan ? null : 1); // how many kernels a GPU needs, it tells when it has the model
  let cpu;
  try {
    cpu = runtime.glue.Engine.load(file.bytes);
  } catch (error) {
    await file.forget();
    throw error;
  }
  compiled(1, plan ? null : 1);

  const warm = reporter('warmup');
  const gpu = plan && new GpuEngine(plan.adapter);
  if (gpu) {
    await tryGpu(async () => {
      try {
        await gpu.load(await plan.file, file.blob, (done, kernels) => compiled(1 + done, 1 + kernels));
        warm(0, 1);
        await gpu.check(cpu.probe());
        warm(1, 1);
      } catch (error) {
        gpu.end();
        throw error;
      }
    });
  }
  if (!gpu?.usable) {
    warm(0, 1);
    cpu.classify(new Uint8ClampedArray(4 * 8 * 8), 8, 8, {});
    warm(1, 1);
  }
  return { engines: new Engines(runtime, cpu, gpu, reason, onChange), file, hash };
}

/**
 * Looks for a GPU worth using, and starts to fetch its engine: nothing is fetched in vain.
 * @param {'auto' | 'webgpu'} backend
 * @param {Simulation | null} simulate
 * @param {() => OnBytes} bytes
 * @returns {Promise<{adapter: Adapter, file: Promise<WasmFile<Glue>>}>} rejects with
 *   `BackendUnavailable` or `DeviceLost`
 */
async function planGpu(backend, simulate, bytes) {
  if (simulate) await (await import('./fault-injection.js')).arm(simulate);
  const adapter = await findAdapter();
  if (backend === 'auto' && adapter.software) {
    const message = `WebGPU's adapter (${adapter.name}) is software, slower than the CPU engine`;
    throw failure('BackendUnavailable', message);
  }
  const file = loadWasm('reslens-webgpu', bytes());
  file.catch(() => {}); // whoever awaits it hears of it
  return { adapter, file };
}
