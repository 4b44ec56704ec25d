// The conversion of a checkpoint, in a worker that the page starts and ends on behalf of the engine's worker.

import { record } from '../shared/errors.js';

/** @import { ConversionStart, Converted } from '../shared/conversion.js' */

export class Conversion {
  #startWorker;

  /** @type {Worker | null} */
  #worker = null;

  /** @param {() => Worker} startWorker */
  constructor(startWorker) {
    this.#startWorker = startWorker;
  }

  /**
   * Converts a checkpoint.
   * @param {ConversionStart} start its checkpoint is transferred
   * @returns {Promise<Converted>} unless it is stopped
   */
  async run(start) {
    try {
      return await new Promise((resolve, reject) => {
        const worker = this.#startWorker();
        this.#worker = worker;
        worker.onmessage = (/** @type {MessageEvent<Converted>} */ { data }) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault(); // handled: it rejects
          reject(new Error(event.message || 'the worker that reads checkpoints cannot be loaded'));
        };
        worker.postMessage(start, [start.checkpoint.buffer]);
      });
    } catch (error) {
      return { error: record(error) };
    } finally {
      this.stop();
    }
  }

  /** Stops the conversion. */
  stop() {
    this.#worker?.terminate();
    this.#worker = null;
  }
}
