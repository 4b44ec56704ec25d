// A sweep in the worker: block by block, so that it reports how far it is, can be stopped, and gives each run
// of a GPU its own time to be answered.

import { failure } from '../shared/errors.js';
import { STOP } from '../shared/protocol.js';

/** @import { Sweep, SweptBlock } from '../../reslens.js' */
/** @import { Computation, Engines } from './engines.js' */
/** @import { WasmEngine } from './gpu.js' */
/** @import { CpuEngine } from './runtime.js' */

/**
 * A sweep as an engine keeps it.
 * @typedef {import('./wasm/cpu.js').Sweep | import('./wasm/webgpu.js').Sweep} EngineSweep
 */

/** Runs one sweep. Where another engine takes over, it starts again there. */
export class BlockSweep {
  #begin;
  #port;

  /** Where it runs. @type {CpuEngine | WasmEngine | null} */
  #engine = null;

  /** @type {EngineSweep | null} */
  #sweep = null;

  /** @type {SweptBlock[]} */
  #blocks = [];

  #stopped = false;

  /**
   * @param {Computation<EngineSweep>} begin makes the first run
   * @param {MessagePort} port to the page
   */
  constructor(begin, port) {
    this.#begin = begin;
    this.#port = port;
    port.onmessage = ({ data }) => (this.#stopped ||= data === STOP);
  }

  /**
   * @param {Engines} engines
   * @param {Promise<unknown>} before resolves when the calls before have ended
   * @returns {Promise<Sweep>} rejects with `AbortError` once the page has stopped it
   */
  async run(engines, before) {
    const step = {
      gpu: (/** @type {WasmEngine} */ engine) => this.#step(engine, async () => this.#begin.gpu(engine)),
      cpu: (/** @type {CpuEngine} */ engine) => this.#step(engine, async () => this.#begin.cpu(engine)),
    };
    try {
      for (;;) {
        const sweep = await engines.run(step, before);
        const [done, total] = [this.#blocks.length, sweep.blocks()];
        if (done === total) return this.#finish(sweep);
        this.#port.postMessage({ done, total });
        await turn();
        if (!this.#stopped) continue;
        sweep.free();
        throw failure('AbortError', 'the sweep was stopped');
      }
    } finally {
      this.#port.close();
    }
  }

  /**
   * @param {EngineSweep} sweep after its last run
   * @returns {Sweep}
   */
  #finish(sweep) {
    const start = sweep.start();
    sweep.free();
    return { ...start, blocks: this.#blocks };
  }

  /**
   * Runs the next block, or begins on this engine.
   * @param {CpuEngine | WasmEngine} engine
   * @param {() => Promise<EngineSweep>} begin
   * @returns {Promise<EngineSweep>}
   */
  async #step(engine, begin) {
    if (this.#sweep && this.#engine === engine) {
      this.#blocks.push(await this.#sweep.run(this.#blocks.length));
      return this.#sweep;
    }
    // What an engine that failed has of it cannot be freed: it is in no state to be called.
    const sweep = await begin();
    this.#blocks = [];
    this.#engine = engine;
    this.#sweep = sweep;
    return sweep;
  }
}

/** Lets the worker hear what has come meanwhile: the CPU's engine does not wait for anything. */
function turn() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}
