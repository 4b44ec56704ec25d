// The engines of a worker: the CPU's, and in front of it the GPU's for as long as it works. No call is lost: what
// the GPU does not answer, the CPU does. A GPU that was lost may come back, when its driver has started again.

import { isFailure, messageOf } from '../shared/errors.js';

/** @import { Backend, Memory } from '../shared/protocol.js' */
/** @import { GpuEngine, WasmEngine } from './gpu.js' */
/** @import { Cpu } from './cpu.js' */
/** @import { CpuEngine } from './runtime.js' */

/** How long to wait before each try to open a lost GPU again, in ms. */
const PAUSES = [2000, 4000, 8000];

/** Calls at a time: while a GPU computes one, the next is on its way to it; on the CPU it would only wait. */
const CONCURRENCY = { webgpu: 2, cpu: 1 };

/**
 * What to compute, for the engine that does it. Both may be called for one call.
 * @template T
 * @typedef {object} Computation
 * @property {(engine: WasmEngine) => Promise<T>} gpu
 * @property {(engine: CpuEngine) => T | Promise<T>} cpu
 */

export class Engines {
  #cpu;
  #gpu;
  #reason;
  #onChange;

  /** Tries to open the GPU again since it was proven stable. */
  #tries = 0;

  /** The next try. @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  #ended = false;

  /**
   * @param {Cpu} cpu
   * @param {GpuEngine | null} gpu which may have ended already
   * @param {string | null} reason why the CPU is used, if there is something to say
   * @param {() => void} onChange called when the GPU is given up, and when it is back
   */
  constructor(cpu, gpu, reason, onChange) {
    this.#cpu = cpu;
    this.#gpu = gpu;
    this.#reason = reason;
    this.#onChange = onChange;
  }

  /**
   * Runs a computation on the engine in front. Calls may overlap on a GPU; the CPU answers one after
   * the other, in their order.
   * @template T
   * @param {Computation<T>} compute
   * @param {Promise<unknown>} before resolves when the calls before have ended
   * @returns {Promise<T>}
   */
  async run(compute, before) {
    const gpu = this.#gpu;
    if (gpu?.usable) {
      const { generation } = gpu;
      try {
        return await gpu.run(compute.gpu, before);
      } catch (error) {
        if (isFailure(error) && error.name === 'InputInvalid') throw error;
        // The first of the overlapping calls that fails ends the GPU for all of them.
        if (generation === gpu.generation) this.#giveUp(gpu, error);
      }
    }
    await before;
    return compute.cpu(await this.#cpu.engine());
  }

  /**
   * Whether a bitmap goes to the engine as it is: where a GPU is in front that can take one of its size.
   * @param {ImageBitmap} bitmap
   */
  takesBitmap({ width, height }) {
    return Boolean(this.#gpu?.usable) && Math.max(width, height) <= (this.#gpu?.longestSide ?? 0);
  }

  /** @param {GpuEngine} gpu @param {unknown} error that made it fail */
  #giveUp(gpu, error) {
    if (gpu.provenStable) this.#tries = 0;
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

  /** The model, without the hash of its file. */
  get model() {
    return this.#cpu.model;
  }

  /** What computes now. @returns {Backend} */
  get backend() {
    const { threads, simd, reason } = this.#cpu.plan;
    const gpu = this.#gpu?.usable ? this.#gpu : null;
    const kind = gpu ? 'webgpu' : 'cpu';
    return {
      kind,
      reason: gpu ? null : [this.#reason, reason].filter(Boolean).join('; ') || null,
      adapter: gpu?.adapter ?? null,
      threads,
      simd,
      concurrency: CONCURRENCY[kind],
    };
  }

  /** Bytes in use. @returns {Memory} */
  get memory() {
    const { wasm, gpu } = this.#gpu?.memory ?? { wasm: 0, gpu: 0 };
    return { wasm: this.#cpu.memory + wasm, gpu };
  }
}
