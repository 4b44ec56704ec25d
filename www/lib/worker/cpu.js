// The CPU engine, which takes more memory than anything else and so exists only while it is needed. While a GPU works it
// is dropped; when the CPU has to answer, it is rebuilt from the model's file.

/** @import { CpuEngine, Runtime } from './runtime.js' */

/**
 * The input of every load.
 * @typedef {{model: () => Blob, labels: Uint8Array | null}} CpuSource `labels`: a file with other names for the classes
 */

export class Cpu {
  /** The engine in memory, or being loaded; null while there is none. @type {Promise<CpuEngine> | null} */
  #engine;

  /** @type {Runtime | null} */
  #runtime;

  #renew;
  #source;

  /** Threads and instructions, which stay the same. */
  plan;

  /** The model, without the hash of its file. */
  model;

  /**
   * @param {Runtime} runtime
   * @param {CpuEngine} engine a loaded one
   * @param {CpuSource} source from which it was loaded
   */
  constructor(runtime, engine, source) {
    const { threads, simd, reason, renew } = runtime;
    this.#runtime = runtime;
    this.#renew = renew;
    this.#engine = Promise.resolve(engine);
    this.#source = source;
    this.plan = { threads, simd, reason };
    this.model = engine.model();
  }

  /**
   * Returns the engine; rejects if loading fails, and then tries again on the next call.
   * @returns {Promise<CpuEngine>}
   */
  engine() {
    if (!this.#engine) {
      const building = this.#build();
      building.catch(() => (this.#engine = null));
      this.#engine = building;
    }
    return this.#engine;
  }

  /** Frees its memory. It must not be computing. */
  release() {
    this.#runtime?.end();
    this.#runtime = null;
    this.#engine = null;
  }

  /** Bytes in use. */
  get memory() {
    return this.#runtime?.memory.buffer.byteLength ?? 0;
  }

  async #build() {
    const [bytes, runtime] = await Promise.all([this.#source.model().arrayBuffer(), this.#renew()]);
    this.#runtime = runtime;
    return runtime.glue.UncheckedEngine.load(new Uint8Array(bytes)).check(this.#source.labels);
  }
}
