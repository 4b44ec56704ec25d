// A sweep in the worker: it runs block by block, so that it can report progress and be stopped, and so that each run on
// a GPU has its own time limit.

import { failure } from '../shared/errors.js';
import { STOP } from '../shared/protocol.js';

/** @import { Sweep, SweptBlock } from '../../reslens.js' */
/** @import { Computation, Engines } from './engines.js' */
/** @import { WasmEngine } from './gpu.js' */
/** @import { CpuEngine } from './runtime.js' */

/**
 * A sweep in progress on an engine.
 * @typedef {import('./wasm/cpu.js').Sweep | import('./wasm/webgpu.js').Sweep} EngineSweep
 */

/** Runs one sweep. If another engine takes over, it restarts there. */
export class BlockSweep {
  #begin;
  #port;

  /** The engine that it runs on. @type {CpuEngine | WasmEngine | null} */
  #engine = null;

  /** @type {EngineSweep | null} */
  #sweep = null;

  /** @type {SweptBlock[]} */
  #blocks = [];

  #stopped = false;

  /**
   * @param {Computation<EngineSweep>} begin makes the first run
   * @param {MessagePort} port to the page, which closes it
   */
  constructor(begin, port) {
    this.#begin = begin;
    this.#port = port;
    port.onmessage = ({ data }) => (this.#stopped ||= data === STOP);
  }

  /**
   * @param {Engines} engines
   * @param {Promise<unknown>} before resolves when the earlier calls have ended
   * @returns {Promise<Sweep>} rejects with `AbortError` once the page has stopped it
   */
  async run(engines, before) {
    const step = {
      gpu: (/** @type {WasmEngine} */ engine) => this.#step(engine, async () => this.#begin.gpu(engine)),
      cpu: (/** @type {CpuEngine} */ engine) => this.#step(engine, async () => this.#begin.cpu(engine)),
    };
    for (;;) {
      const sweep = await engines.run(step, before);
      const [done, total] = [this.#blocks.length, sweep.blocks()];
      this.#port.postMessage({ done, total });
      if (done === total) return this.#finish(sweep);
      await turn();
      if (!this.#stopped) continue;
      sweep.free();
      throw failure('AbortError', 'the sweep was stopped');
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
    // A failed engine cannot free its part: it must not be called.
    const sweep = await begin();
    this.#blocks = [];
    this.#engine = engine;
    this.#sweep = sweep;
    return sweep;
  }
}

/** Lets the worker receive messages in between: the CPU engine never awaits anything. */
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
