// The WebGPU engine and its faults: a GPU that is lost or does not answer, wrong numbers, a trapped engine. Each fault
// rejects the calls in flight.

import { failure, isFailure } from '../shared/errors.js';
import { crash } from '../thread/panic.js';
import { keepAwake } from './awake.js';
import { withTimeout } from './timeout.js';

/** @import { Adapter } from './adapter.js' */
/** @import { Words } from '../thread/panic.js' */
/** @import { WasmFile } from './wasm-file.js' */

/** @typedef {import('./wasm/webgpu.js').Engine} WasmEngine the engine in wasm: `src/wasm/webgpu.rs` */
/** @typedef {typeof import('./wasm/webgpu.js')} Glue the JavaScript that belongs to the wasm file */

/**
 * The input of every load.
 * @typedef {{file: WasmFile<Glue>, model: Blob, labels: Uint8Array | null}} Source `labels`: a file with other
 *   names of the classes
 */

/** Answers between two checks: with so many, checks cost less than 1 % of the time. */
const CHECK_EVERY = 200;

export class GpuEngine {
  /** @type {WasmEngine | undefined} */
  #engine;

  /** @type {Source | undefined} */
  #source;

  /** @type {Glue | undefined} */
  #glue;

  /** @type {Float32Array | undefined} */
  #probe;

  /** Its devices get `subgroups` if it offers them, and the kernels use them. */
  #adapter;

  /** Whether it takes calls: it has passed its check and has not ended since. */
  usable = false;

  /** Whether it has passed a check after some time in use. */
  provenStable = false;

  /** Answers since the last check, those in flight included. */
  #answers = 0;

  /** The last check between answers. Calls that were made after it began wait for it. */
  #checked = Promise.resolve();

  /** @type {WebAssembly.Memory | undefined} */
  #wasm;

  /**
   * The devices that the engine opened. It may be unable to close them itself.
   * @type {GPUDevice[]}
   */
  #devices = [];

  /**
   * The error that stopped the engine, which must not be called again.
   * @type {Error | null}
   */
  #stopped = null;

  /** Grows with each end: work that began in an earlier generation is dropped. */
  generation = 0;

  /**
   * Each rejects one pending wait; in the order in which they began.
   * @type {Set<(error: Error) => void>}
   */
  #interrupts = new Set();

  /** @param {Adapter} adapter */
  constructor(adapter) {
    this.#adapter = adapter;
    // A trap inside an asynchronous function never settles its promise.
    self.addEventListener('error', (event) => this.#uncaught(event, event.error ?? event.message));
    self.addEventListener('unhandledrejection', (event) => this.#uncaught(event, event.reason));
    this.#keepDevices();
  }

  /**
   * Starts the engine on a model; `check` must follow. Rejects with `BackendUnavailable`, `DeviceLost`
   * or `OutOfMemory`. Compiling is slow on some GPUs, so each kernel has its own time limit.
   * @param {Source} source
   * @param {(compiled: number, kernels: number) => void} [report]
   */
  async load(source, report = () => {}) {
    this.#source = source;
    const { generation } = this;
    const { file, model, labels } = source;
    const glue = (this.#glue ??= file.createGlue());
    const { subgroups, software } = this.#adapter;
    const { memory } = await glue.default({ module_or_path: file.module });
    this.#wasm = memory;
    const bytes = new Uint8Array(await model.arrayBuffer());
    if (generation !== this.generation) throw unused();
    const engine = await this.#wait(() => glue.Engine.load(bytes, subgroups, software, labels));
    this.#engine = engine;
    const kernels = engine.kernels();
    for (let kernel = 0; kernel < kernels; kernel++) {
      report(kernel, kernels);
      if (generation !== this.generation) throw unused();
      await this.#wait(() => engine.compile(kernel));
    }
    report(kernels, kernels);
  }

  /**
   * Runs every kernel once and compares the answer with the CPU engine's. Also rejects with
   * `ParityFailed`.
   * @param {Float32Array} probe
   */
  async check(probe) {
    this.#probe = probe;
    const { generation } = this;
    await this.#wait(async () => /** @type {WasmEngine} */ (this.#engine).check(probe));
    this.usable = generation === this.generation;
  }

  /**
   * Loads and checks once more after an end, on a new device. Rejects as these do; if there is no adapter or device
   * yet, with `DeviceLost`, because one may come later.
   */
  async reopen() {
    if (!this.#source || !this.#probe) throw failure('DeviceLost', 'the GPU was never in use');
    this.provenStable = false;
    this.#answers = 0;
    this.#checked = Promise.resolve();
    try {
      await this.load(this.#source);
      await this.check(this.#probe);
    } catch (error) {
      this.end();
      const gone = isFailure(error) && error.name === 'BackendUnavailable' && !this.#stopped;
      throw gone ? failure('DeviceLost', error.message, error) : error;
    }
  }

  /**
   * Runs a computation. Calls may overlap: the engine gets them in order, and computes one while the next is submitted.
   * A GPU's data may become corrupt at run time, by its memory or its driver, so it is checked again now and then
   * before it answers.
   * @template T
   * @param {(engine: WasmEngine) => Promise<T>} compute
   * @param {Promise<unknown>} before resolves when the earlier calls have ended
   * @returns {Promise<T>}
   */
  run(compute, before) {
    if (this.#answers >= CHECK_EVERY) {
      this.#answers = 0;
      this.#checked = this.#checkAgain(before);
      this.#checked.catch(() => {}); // handled by the calls that wait for it
    }
    this.#answers += 1;
    const { generation } = this;
    return this.#checked.then(() => this.#use(compute, before, generation));
  }

  /** @param {Promise<unknown>} before resolves when the calls in flight have ended */
  async #checkAgain(before) {
    const { generation } = this;
    await before;
    if (generation !== this.generation || !this.#probe) throw unused();
    await this.check(this.#probe);
    this.provenStable = true;
  }

  /** The longest side of a bitmap that the engine accepts, in pixels. */
  get longestSide() {
    return this.#stopped ? 0 : (this.#engine?.longestSide() ?? 0);
  }

  /** The adapter's name. */
  get adapter() {
    return this.#adapter.name;
  }

  /** Bytes in use. */
  get memory() {
    const gpu = this.usable && !this.#stopped ? (this.#engine?.memory() ?? 0) : 0;
    return { wasm: this.#wasm?.buffer.byteLength ?? 0, gpu };
  }

  /**
   * Frees the GPU's memory, whatever state the engine is in. The wasm memory stays, because its module is only freed
   * with the worker.
   */
  end() {
    this.usable = false;
    this.generation += 1;
    this.#interrupt(unused());
    for (const device of this.#devices.splice(0)) device.destroy();
    this.#engine = undefined; // its own memory is freed when nothing of it is running
  }

  /**
   * @template T
   * @param {(engine: WasmEngine) => Promise<T>} compute
   * @param {Promise<unknown>} before
   * @param {number} generation when the call was made
   * @returns {Promise<T>}
   */
  async #use(compute, before, generation) {
    if (generation !== this.generation) throw unused();
    return this.#wait(async () => compute(/** @type {WasmEngine} */ (this.#engine)), before);
  }

  /**
   * @template T
   * @param {() => Promise<T>} start
   * @param {Promise<unknown>} [before] resolves when the GPU has nothing to answer before this
   * @returns {Promise<T>}
   */
  async #wait(start, before) {
    if (this.#stopped) throw this.#stopped;
    let interrupt = (/** @type {Error} */ _) => {};
    /** @type {Promise<never>} */
    const interrupted = new Promise((_, reject) => (interrupt = reject));
    this.#interrupts.add(interrupt);
    const sleep = keepAwake(this.#devices);
    try {
      return await withTimeout(Promise.race([start(), interrupted]), before);
    } catch (error) {
      throw isFailure(error) ? error : this.#stop(error);
    } finally {
      this.#interrupts.delete(interrupt);
      sleep();
    }
  }

  /** Rejects all waits. @param {Error} error */
  #interrupt(error) {
    for (const interrupt of this.#interrupts) interrupt(error);
  }

  /**
   * @param {Event} event
   * @param {unknown} error
   */
  #uncaught(event, error) {
    event.preventDefault(); // handled: it rejects pending waits, or the next call
    this.#interrupt(this.#stop(error));
  }

  /** @param {unknown} error */
  #stop(error) {
    this.#stopped ??= crash(error, WORDS);
    return this.#stopped;
  }

  /** Intercepts the engine's device request, however late it comes, and adds features that wgpu cannot request. */
  #keepDevices() {
    const { requestDevice } = GPUAdapter.prototype;
    const engine = this;
    GPUAdapter.prototype.requestDevice = async function (options) {
      const { generation } = engine;
      const more = engine.#adapter.subgroups ? /** @type {const} */ (['subgroups']) : [];
      const requiredFeatures = [...(options?.requiredFeatures ?? []), ...more];
      const device = await requestDevice.call(this, { ...options, requiredFeatures });
      if (generation === engine.generation) engine.#devices.push(device);
      else device.destroy();
      return device;
    };
  }
}

/** @type {Words} */
const WORDS = {
  stopped: (why) => `the WebGPU engine crashed (${why})`,
  outOfMemory: 'not enough memory for the WebGPU engine',
};

const unused = () => failure('DeviceLost', 'the GPU is no longer used');
