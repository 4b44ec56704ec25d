// The engines of a worker: the CPU's, which is always there, and in front of it the GPU's for as
// long as it works. No call is lost: what the GPU does not answer, the CPU does.

import { isFailure, messageOf } from './errors.js';

/** @import { Engine, GpuEngine } from './gpu.js' */
/** @import { Backend, Memory } from './protocol.js' */
/** @import { CpuEngine, Runtime } from './runtime.js' */

export class Engines {
  #runtime;
  #cpu;
  #gpu;
  #reason;
  #onFallBack;

  /**
   * @param {Runtime} runtime of the CPU engine
   * @param {CpuEngine} cpu
   * @param {GpuEngine | null} gpu which may have ended already
   * @param {string | null} reason why the CPU is used, if there is something to say
   * @param {() => void} onFallBack called when the GPU is given up
   */
  constructor(runtime, cpu, gpu, reason, onFallBack) {
    this.#runtime = runtime;
    this.#cpu = cpu;
    this.#gpu = gpu;
    this.#reason = reason;
    this.#onFallBack = onFallBack;
  }

  /**
   * Has something computed by the engine in front.
   * @template T
   * @param {(engine: CpuEngine | Engine) => T | Promise<T>} compute may be called twice
   * @returns {Promise<T>}
   */
  async run(compute) {
    if (this.#gpu?.usable) {
      try {
        return await this.#gpu.run(compute);
      } catch (error) {
        if (isFailure(error) && error.name === 'InputInvalid') throw error;
        this.#gpu.end();
        this.#reason = `WebGPU was given up: ${messageOf(error)}`;
        this.#onFallBack();
      }
    }
    return compute(this.#cpu);
  }

  /** Frees what the browser might keep beyond the end of this worker: the GPU's memory. */
  end() {
    this.#gpu?.end();
  }

  get model() {
    return this.#cpu.model();
  }

  /** @returns {Backend} */
  get backend() {
    const { threads, simd, reason } = this.#runtime;
    const gpu = this.#gpu?.usable ? this.#gpu : null;
    return {
      kind: gpu ? 'webgpu' : 'cpu',
      reason: gpu ? null : [this.#reason, reason].filter(Boolean).join('; ') || null,
      adapter: gpu?.adapter ?? null,
      threads,
      simd,
    };
  }

  /** @returns {Memory} */
  get memory() {
    const { wasm, gpu } = this.#gpu?.memory ?? { wasm: 0, gpu: 0 };
    return { wasm: this.#runtime.memory.buffer.byteLength + wasm, gpu };
  }
}
