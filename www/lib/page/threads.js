// The threads of one engine: workers that the page starts on behalf of the engine's worker.

import { failure } from '../shared/errors.js';

/** @import { FromThread, ThreadStart } from '../shared/threads.js' */

export class Threads {
  #startWorker;
  #onCrash;

  /** @type {Worker[]} */
  #workers = [];

  /**
   * @param {() => Worker} startWorker
   * @param {(error: Error) => void} onCrash called when a thread dies while computing
   */
  constructor(startWorker, onCrash) {
    this.#startWorker = startWorker;
    this.#onCrash = onCrash;
  }

  /**
   * Starts threads, replacing the current ones.
   * @param {number} count
   * @param {ThreadStart} start
   * @returns {Promise<void>} resolves when all wait for work; if one cannot, all are ended and the promise rejects
   */
  async start(count, start) {
    this.stop();
    try {
      await Promise.all(Array.from({ length: count }, () => this.#startOne(start)));
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Ends all of them. */
  stop() {
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /**
   * @param {ThreadStart} start
   * @returns {Promise<void>}
   */
  #startOne(start) {
    return new Promise((resolve, reject) => {
      const worker = this.#startWorker();
      this.#workers.push(worker);
      worker.onmessage = (/** @type {MessageEvent<FromThread>} */ { data }) => {
        if (data.type === 'waiting') resolve();
        else if (data.type === 'refused') reject(new Error(data.why));
        else this.#onCrash(failure(data.error.name, data.error.message));
      };
      worker.onerror = (event) => {
        event.preventDefault(); // handled: the single-threaded engine takes over
        reject(new Error(event.message || 'its worker cannot be loaded'));
      };
      worker.postMessage(start);
    });
  }
}
