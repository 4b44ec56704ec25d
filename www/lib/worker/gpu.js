// The WebGPU engine, and everything that may happen to it: a GPU that is lost or silent, wrong numbers, an
// engine that trapped. Each rejects the promises of the calls that are under way.

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
 * What it takes to load, however often.
 * @typedef {{file: WasmFile<Glue>, model: Blob, labels: Uint8Array | null}} Source `labels`: a file with other
 *   names of the classes
 */

/** Answers between two checks, so that the checks cost less than a percent of the answers. */
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

  /** Its devices have `subgroups` where it has them, and the kernels use them. */
  #adapter;

  /** Whether it takes calls: it passed its check and was not ended since. */
  usable = false;

  /** Whether it passed a check after it had been in use for a while. */
  provenStable = false;

  /** Answers since the last check, those under way included. */
  #answers = 0;

  /** The last check between answers. Calls that were made after it began wait for it. */
  #checked = Promise.resolve();

  /** @type {WebAssembly.Memory | undefined} */
  #wasm;

  /**
   * The devices that the engine opened. It may be in no state to close them itself.
   * @type {GPUDevice[]}
   */
  #devices = [];

  /**
   * What stopped the engine: it must not be called any more.
   * @type {Error | null}
   */
  #stopped = null;

  /** Grows with each end. What was begun in one generation is not wanted in the next. */
  generation = 0;

  /**
   * Each rejects something that is being waited for; in the order in which it was begun.
   * @type {Set<(error: Error) => void>}
   */
  #interrupts = new Set();

  /** @param {Adapter} adapter */
  constructor(adapter) {
    this.#adapter = adapter;
    // A trap inside an asynchronous function reaches nobody who waits for its promise.
    self.addEventListener('error', (event) => this.#uncaught(event, event.error ?? event.message));
    self.addEventListener('unhandledrejection', (event) => this.#uncaught(event, event.reason));
    this.#keepDevices();
  }

  /**
   * Starts the engine on a model; `check` must follow. Rejects with `BackendUnavailable`, `DeviceLost`
   * or `OutOfMemory`. Compiling takes some GPUs long, so each kernel has its own time to be answered.
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
   * After an end: loads and checks once more, on a new device. Rejects as these do; where there is no adapter
   * or device yet, with `DeviceLost`: it may come later.
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
   * Runs a computation. Calls may overlap: the engine gets them in their order, and computes one while the
   * next is on its way to it. What a GPU holds may go bad while it runs, by its memory or its driver, so now
   * and then it is checked again before it answers.
   * @template T
   * @param {(engine: WasmEngine) => Promise<T>} compute
   * @param {Promise<unknown>} before resolves when the calls before have ended
   * @returns {Promise<T>}
   */
  run(compute, before) {
    if (this.#answers >= CHECK_EVERY) {
      this.#answers = 0;
      this.#checked = this.#checkAgain(before);
      this.#checked.catch(() => {}); // heard by the calls that wait for it
    }
    this.#answers += 1;
    const { generation } = this;
    return this.#checked.then(() => this.#use(compute, before, generation));
  }

  /** @param {Promise<unknown>} before resolves when the calls under way have ended */
  async #checkAgain(before) {
    const { generation } = this;
    await before;
    if (generation !== this.generation || !this.#probe) throw unused();
    await this.check(this.#probe);
    this.provenStable = true;
  }

  /** Pixels that a side of a bitmap may have for the engine to take it. */
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
   * Frees the GPU's memory, whatever state the engine is in. The wasm memory stays: its module can
   * only go with the worker.
   */
  end() {
    this.usable = false;
    this.generation += 1;
    this.#interrupt(unused());
    for (const device of this.#devices.splice(0)) device.destroy();
    this.#engine = undefined; // its own memory goes when nothing of it is under way
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
   * @param {Promise<unknown>} [before] resolves when the GPU has nothing else to answer first
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
    event.preventDefault(); // handled: it rejects what waits, or the next call
    this.#interrupt(this.#stop(error));
  }

  /** @param {unknown} error */
  #stop(error) {
    this.#stopped ??= crash(error, WORDS);
    return this.#stopped;
  }

  /** Listens in when the engine asks for a device, however late it does, and asks for what wgpu cannot. */
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
