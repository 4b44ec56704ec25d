// Bringing up the engines. The CPU's comes first: it is the judge of the GPU's, and its fall-back.

import { failure, messageOf } from '../shared/errors.js';
import { findAdapter } from './adapter.js';
import { sumProgress } from './download.js';
import { Engines } from './engines.js';
import { GpuEngine } from './gpu.js';
import { readModel } from './model-file.js';
import { startRuntime } from './runtime.js';
import { sha256 } from './sha256.js';
import { loadWasm } from './wasm-file.js';

/** @import { Progress, Simulation } from '../../reslens.js' */
/** @import { LoadMessage } from '../shared/protocol.js' */
/** @import { Adapter } from './adapter.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Glue } from './gpu.js' */
/** @import { ModelFile } from './model-file.js' */
/** @import { CpuEngine, Runtime } from './runtime.js' */
/** @import { WasmFile } from './wasm-file.js' */

/**
 * Told how far loading is; `crashPorts` come once, before the threads are used.
 * @typedef {(progress: Progress, crashPorts?: MessagePort[]) => void} OnProgress
 */

/** @typedef {(loaded: number, total: number | null, fromCache?: boolean) => void} Report for one phase */

/**
 * A GPU worth using, and its engine on the way.
 * @typedef {{adapter: Adapter, file: Promise<WasmFile<Glue>>}} GpuPlan
 */

/**
 * Loads engines and model.
 * @param {LoadMessage} message
 * @param {{onProgress: OnProgress, onChange: () => void}} listeners `onChange` is called after loading, when
 *   the GPU is given up or back
 * @returns {Promise<{engines: Engines, file: ModelFile, hash: Promise<string | null>}>}
 */
export async function load(message, { onProgress, onChange }) {
  const { model, backend, fallback, threads, simulate } = message;
  const reporter = (/** @type {Progress['phase']} */ phase) => /** @type {Report} */ (
    (loaded, total, fromCache = false) => onProgress({ phase, loaded, total, fromCache })
  );
  const runtimeBytes = sumProgress(reporter('runtime'));
  const [runtime, file, planned] = await Promise.all([
    startRuntime(threads, runtimeBytes()),
    readModel(model, reporter('weights')),
    backend === 'cpu' ? NOT_WANTED : tryGpu(() => planGpu(backend, simulate, runtimeBytes), fallback),
  ]);
  const hash = sha256(file.bytes); // while the engines start

  const plan = planned.result;
  const total = plan ? null : 1; // how many kernels a GPU needs, it tells when it has the model
  onProgress({ phase: 'compile', loaded: 0, total, fromCache: false }, runtime.crashPorts);
  const cpu = await bringUpCpu(runtime, file);
  reporter('compile')(1, total);

  const gpu = plan && new GpuEngine(plan.adapter);
  const { reason } = gpu
    ? await tryGpu(() => bringUpGpu(gpu, plan, file, cpu, reporter), fallback)
    : planned;
  if (!gpu?.usable) warmUp(cpu, reporter('warmup'));
  return { engines: new Engines(runtime, cpu, gpu, reason, onChange), file, hash };
}

/** What comes of a GPU that is not to be used. */
const NOT_WANTED = { result: null, reason: null };

/**
 * Runs one step of GPU setup; if it fails, tells why, or rejects if `fallback` is off.
 * @template T
 * @param {() => Promise<T>} step
 * @param {boolean} fallback whether the CPU is used instead
 * @returns {Promise<{result: T, reason: null} | {result: null, reason: string}>}
 */
async function tryGpu(step, fallback) {
  try {
    return { result: await step(), reason: null };
  } catch (error) {
    if (!fallback) throw error;
    return { result: null, reason: messageOf(error) };
  }
}

/**
 * Looks for a GPU worth using, and only then starts to fetch its engine.
 * @param {'auto' | 'webgpu'} backend
 * @param {Simulation | null} simulate
 * @param {() => OnBytes} bytes
 * @returns {Promise<GpuPlan>} rejects with `BackendUnavailable` or `DeviceLost`
 */
async function planGpu(backend, simulate, bytes) {
  if (simulate) await (await import('./fault-injection.js')).inject(simulate);
  const adapter = await findAdapter();
  if (backend === 'auto' && adapter.software) {
    const message = `WebGPU's adapter (${adapter.name}) is software, slower than the CPU engine`;
    throw failure('BackendUnavailable', message);
  }
  const file = loadWasm('reslens-webgpu', bytes());
  file.catch(() => {}); // heard when it is awaited
  return { adapter, file };
}

/**
 * Loads the model into the CPU's engine, which checks it and itself.
 * @param {Runtime} runtime
 * @param {ModelFile} file is forgotten by the cache if it is refused
 * @returns {Promise<CpuEngine>}
 */
async function bringUpCpu(runtime, file) {
  try {
    return runtime.glue.Engine.load(file.bytes);
  } catch (error) {
    await file.forget();
    throw error;
  }
}

/**
 * Loads the model into the GPU's engine and compares it with the CPU's. If that fails, ends it and rejects.
 * @param {GpuEngine} gpu
 * @param {GpuPlan} plan
 * @param {ModelFile} file
 * @param {CpuEngine} cpu
 * @param {(phase: Progress['phase']) => Report} reporter
 */
async function bringUpGpu(gpu, plan, file, cpu, reporter) {
  const compiled = reporter('compile');
  const warm = reporter('warmup');
  try {
    // The CPU's engine counts as one more kernel, and is there already.
    await gpu.load(await plan.file, file.blob, (done, kernels) => compiled(1 + done, 1 + kernels));
    warm(0, 1);
    await gpu.check(cpu.probe());
    warm(1, 1);
  } catch (error) {
    gpu.end();
    throw error;
  }
}

/**
 * Runs the CPU's engine once on a small picture, so that the first call finds it compiled.
 * @param {CpuEngine} cpu
 * @param {Report} warm
 */
function warmUp(cpu, warm) {
  warm(0, 1);
  cpu.classify(new Uint8Array(4 * 8 * 8), 8, 8, {});
  warm(1, 1);
}
