// The engines of a worker: the CPU's, and in front of it the GPU's while it works. No call is lost: the CPU answers
// what the GPU does not. A lost GPU may come back, when its driver has restarted.

import { isFailure, messageOf } from '../shared/errors.js';

/** @import { Backend, Memory } from '../shared/protocol.js' */
/** @import { GpuEngine, WasmEngine } from './gpu.js' */
/** @import { Cpu } from './cpu.js' */
/** @import { CpuEngine } from './runtime.js' */

/** How long to wait before each try to open a lost GPU again, in ms. */
const PAUSES = [2000, 4000, 8000];

/** Calls in flight: while a GPU computes one, the next is submitted; on the CPU it would only wait. */
const CONCURRENCY = { webgpu: 2, cpu: 1 };

/**
 * A computation for either engine. Both functions may be called for one call.
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

  /** The number of attempts to reopen the GPU since it was proven stable. */
  #tries = 0;

  /** The next try. @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  #ended = false;

  /**
   * @param {Cpu} cpu
   * @param {GpuEngine | null} gpu may already have ended
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
   * Runs a computation on the engine in use. Calls may overlap on a GPU; the CPU answers one after another, in order.
   * @template T
   * @param {Computation<T>} compute
   * @param {Promise<unknown>} before resolves when the earlier calls have ended
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
        // The first overlapping call that fails ends the GPU for all of them.
        if (generation === gpu.generation) this.#giveUp(gpu, error);
      }
    }
    await before;
    return compute.cpu(await this.#cpu.engine());
  }

  /**
   * Returns whether a bitmap goes to the engine directly: if a GPU is in use that accepts its size.
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
   * Opens a lost GPU again, after a while. A GPU that failed otherwise, by wrong numbers or out of memory, would fail
   * again.
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

  /** Frees the GPU's memory, which the browser might keep beyond the end of this worker. */
  end() {
    this.#ended = true;
    clearTimeout(this.#retry);
    this.#gpu?.end();
  }

  /** The model, without the hash of its file. */
  get model() {
    return this.#cpu.model;
  }

  /** The backend in use. @returns {Backend} */
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
