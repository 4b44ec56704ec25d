// Starts the engines. The CPU's comes first: the GPU's is checked against it, and it is the fall-back. The check needs
// only its answers to a probe, so it is not kept beside a GPU that works.

import { failure, isFailure, messageOf } from '../shared/errors.js';
import { findAdapter } from './adapter.js';
import { asSafetensors } from './checkpoint.js';
import { Cpu } from './cpu.js';
import { sumProgress } from './download.js';
import { Engines } from './engines.js';
import { inject } from './fault-injection.js';
import { GpuEngine } from './gpu.js';
import { readLabels, readModel } from './model-file.js';
import { startRuntime } from './runtime.js';
import { sha256 } from './sha256.js';
import { WasmFiles } from './wasm-file.js';

/** @import { Progress, Simulation } from '../../reslens.js' */
/** @import { LoadMessage } from '../shared/protocol.js' */
/** @import { Adapter } from './adapter.js' */
/** @import { Converter } from './checkpoint.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Glue } from './gpu.js' */
/** @import { ModelFile } from './model-file.js' */
/** @import { Pool } from './pool.js' */
/** @import { CpuEngine, Runtime } from './runtime.js' */
/** @import { Glues, WasmFile } from './wasm-file.js' */

/** @typedef {(loaded: number, total: number | null, fromCache?: boolean) => void} Report for one phase */

/**
 * A GPU that will be used, and its engine, which is being fetched.
 * @typedef {{adapter: Adapter, file: Promise<WasmFile<Glue>>}} GpuPlan
 */

/**
 * Loads the engines and the model.
 * @param {LoadMessage} message
 * @param {Glues} glues
 * @param {{pool: Pool, converter: Converter}} helpers the tasks that other workers do for this one
 * @param {{onProgress: (progress: Progress) => void, onFile: (file: ModelFile) => void, onChange: () => void}} listeners
 *   `onFile` is called once the model's file has been read, `onChange` after loading, when the GPU is given up or back
 * @returns {Promise<{engines: Engines, hash: string | null}>}
 */
export async function load(message, glues, { pool, converter }, { onProgress, onFile, onChange }) {
  const { model, labels, backend, fallback, threads, simulate, trapped } = message;
  const files = new WasmFiles(message.wasm, glues);
  const reporter = (/** @type {Progress['phase']} */ phase) => /** @type {Report} */ (
    (loaded, total, fromCache = false) => onProgress({ phase, loaded, total, fromCache })
  );
  const runtimeBytes = sumProgress(reporter('runtime'));
  const [runtime, { file, hashing }, names, planned] = await Promise.all([
    startRuntime({ threads, trapped }, { files, pool }, runtimeBytes()),
    readModel(model, reporter('weights'))
      .then((file) => asSafetensors(file, converter, message.wasm))
      .then((file) => {
        onFile(file);
        return hashed(file);
      }),
    labels && readLabels(labels),
    backend === 'cpu' ? NOT_WANTED : tryGpu(() => planGpu(backend, simulate, files, runtimeBytes), fallback),
  ]);

  const plan = planned.result;
  const total = plan ? null : 1; // a GPU's number of kernels is known once it has the model
  reporter('compile')(0, total);
  const engine = await bringUpCpu(runtime, file, names, plan ? () => {} : reporter('warmup'));
  const cpu = new Cpu(runtime, engine, { model: file.blob, labels: names });
  reporter('compile')(1, total);

  const gpu = plan && new GpuEngine(plan.adapter);
  const { reason } = gpu
    ? await tryGpu(() => bringUpGpu(gpu, plan, { file, names }, engine, reporter), fallback)
    : planned;
  if (gpu?.usable) cpu.release();
  const hash = await hashing;
  await file.check(hash);
  return { engines: new Engines(cpu, gpu, reason, onChange), hash };
}

/**
 * Begins to compute the hash of a model, which takes as long as reading it: here the engine may still be loading.
 * @param {ModelFile} file
 */
const hashed = (file) => ({ file, hashing: sha256(file.bytes) });

/** The result if no GPU is requested. */
const NOT_WANTED = { result: null, reason: null };

/**
 * Runs one step of GPU setup; if it fails, returns the reason, or rejects if `fallback` is off.
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
 * Looks for a GPU to use, and starts to fetch its engine only if there is one.
 * @param {'auto' | 'webgpu'} backend
 * @param {Simulation | null} simulate
 * @param {WasmFiles} files
 * @param {() => OnBytes} bytes
 * @returns {Promise<GpuPlan>} rejects with `BackendUnavailable` or `DeviceLost`
 */
async function planGpu(backend, simulate, files, bytes) {
  if (simulate) await inject(simulate);
  const adapter = await findAdapter();
  if (backend === 'auto' && adapter.software) {
    const message = `WebGPU's adapter (${adapter.name}) is software, slower than the CPU engine`;
    throw failure('BackendUnavailable', message);
  }
  const file = files.load('reslens-webgpu', bytes());
  file.catch(() => {}); // handled where it is awaited
  return { adapter, file };
}

/**
 * Loads the model into the CPU's engine, which checks the model and then itself.
 * @param {Runtime} runtime
 * @param {ModelFile} file removed from the cache if it is refused
 * @param {Uint8Array | null} names a file with other labels
 * @param {Report} warm
 * @returns {Promise<CpuEngine>}
 */
async function bringUpCpu({ glue }, file, names, warm) {
  try {
    const unchecked = glue.UncheckedEngine.load(file.bytes);
    warm(0, 1);
    const engine = unchecked.check(names);
    warm(1, 1);
    return engine;
  } catch (error) {
    if (!isFailure(error) || error.name !== 'InputInvalid') await file.forget();
    throw error;
  }
}

/**
 * Loads the model into the GPU's engine and compares it with the CPU's. If that fails, ends it and rejects.
 * @param {GpuEngine} gpu
 * @param {GpuPlan} plan
 * @param {{file: ModelFile, names: Uint8Array | null}} model `names`: a file with other labels
 * @param {CpuEngine} cpu
 * @param {(phase: Progress['phase']) => Report} reporter
 */
async function bringUpGpu(gpu, plan, { file, names }, cpu, reporter) {
  const compiled = reporter('compile');
  const warm = reporter('warmup');
  try {
    // The CPU's engine counts as one more kernel, which is already compiled.
    const source = { file: await plan.file, model: file.blob(), labels: names };
    await gpu.load(source, (done, kernels) => compiled(1 + done, 1 + kernels));
    warm(0, 1);
    await gpu.check(cpu.probe());
    warm(1, 1);
  } catch (error) {
    gpu.end();
    throw error;
  }
}
