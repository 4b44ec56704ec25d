// The CPU's engine, which takes more memory than anything else: it exists only while it is needed. Behind a GPU
// that works it is given up, and built again from the model's file when it has to answer.

/** @import { CpuEngine, Runtime } from './runtime.js' */

/**
 * What it takes to load, however often.
 * @typedef {{model: Blob, labels: Uint8Array | null}} CpuSource `labels`: a file with other names of the classes
 */

export class Cpu {
  /** What is in memory, or on its way there; null while nothing is. @type {Promise<CpuEngine> | null} */
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
   * @param {CpuEngine} engine that is loaded
   * @param {CpuSource} source of which it was loaded
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
   * The engine; rejects as its loading does, and then tries again when it is asked again.
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

  /** Gives its memory back. Nothing of it may be under way. */
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
    const [bytes, runtime] = await Promise.all([this.#source.model.arrayBuffer(), this.#renew()]);
    this.#runtime = runtime;
    return runtime.glue.Engine.load(new Uint8Array(bytes), this.#source.labels);
  }
}
