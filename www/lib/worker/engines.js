// The engines of a worker: the CPU's, which is always there, and in front of it the GPU's for as
// long as it works. No call is lost: what the GPU does not answer, the CPU does. A GPU that was lost may
// come back, when its driver has started again.

import { isFailure, messageOf } from '../shared/errors.js';

/** @import { Engine, GpuEngine } from './gpu.js' */
/** @import { Backend, Memory } from '../shared/protocol.js' */
/** @import { CpuEngine, Runtime } from './runtime.js' */

/** How long to wait before each try to open a lost GPU again, in ms. */
const PAUSES = [2000, 4000, 8000];

export class Engines {
  #runtime;
  #cpu;
  #gpu;
  #reason;
  #onChange;

  /** Tries to open the GPU again since it was steady. */
  #tries = 0;

  /** The next try. @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  #ended = false;

  /** When all calls that were made have their answers, or none. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {Runtime} runtime of the CPU engine
   * @param {CpuEngine} cpu
   * @param {GpuEngine | null} gpu which may have ended already
   * @param {string | null} reason why the CPU is used, if there is something to say
   * @param {() => void} onChange called when the GPU is given up, and when it is back
   */
  constructor(runtime, cpu, gpu, reason, onChange) {
    this.#runtime = runtime;
    this.#cpu = cpu;
    this.#gpu = gpu;
    this.#reason = reason;
    this.#onChange = onChange;
  }

  /**
   * Has something computed by the engine in front. Calls may overlap on a GPU; the CPU answers one after
   * the other, in their order.
   * @template T
   * @param {(engine: CpuEngine | Engine) => T | Promise<T>} compute may be called twice
   * @returns {Promise<T>}
   */
  run(compute) {
    const answer = this.#run(compute, this.#last);
    this.#last = Promise.allSettled([this.#last, answer]);
    return answer;
  }

  /**
   * @template T
   * @param {(engine: CpuEngine | Engine) => T | Promise<T>} compute
   * @param {Promise<unknown>} before the calls before
   * @returns {Promise<T>}
   */
  async #run(compute, before) {
    const gpu = this.#gpu;
    if (gpu?.usable) {
      const { ends } = gpu;
      try {
        return await gpu.run(compute);
      } catch (error) {
        if (isFailure(error) && error.name === 'InputInvalid') throw error;
        // Of the calls under way the first one that fails ends the GPU for all of them.
        if (ends === gpu.ends) this.#giveUp(gpu, error);
      }
    }
    await before;
    return compute(this.#cpu);
  }

  /**
   * Whether the engine in front reads a bitmap itself.
   * @param {ImageBitmap} bitmap
   */
  takes({ width, height }) {
    return Boolean(this.#gpu?.usable) && Math.max(width, height) <= (this.#gpu?.longestSide ?? 0);
  }

  /** @param {GpuEngine} gpu @param {unknown} error that made it fail */
  #giveUp(gpu, error) {
    if (gpu.steady) this.#tries = 0;
    gpu.end();
    this.#reason = `WebGPU was given up: ${messageOf(error)}`;
    this.#onChange();
    this.#recover(error);
  }

  /**
   * Opens a lost GPU again, after a while. One that failed otherwise, by wrong numbers or for want of
   * memory, would do so again.
   * @param {unknown} error that made it fail
   */
  #recover(error) {
    const pause = PAUSES[this.#tries];
    const lost = isFailure(error) && error.name === 'DeviceLost';
    if (this.#ended || !lost || pause === undefined) return;
    this.#tries += 1;
    this.#retry = setTimeout(() => {
      this.#gpu?.reopen().then(this.#onChange, (error) => this.#recover(error));
    }, pause);
  }

  /** Frees what the browser might keep beyond the end of this worker: the GPU's memory. */
  end() {
    this.#ended = true;
    clearTimeout(this.#retry);
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
