// The threads of one engine: workers that the page starts on behalf of the engine's worker.

import { failure } from '../shared/errors.js';

/** @import { FromThread, ThreadStart } from '../shared/threads.js' */

/**
 * @typedef {object} Spare a worker that loads its script, and then waits to be told what it is
 * @property {Worker} worker
 * @property {Promise<never>} failed rejects if it cannot be loaded
 */

export class Threads {
  #startWorker;
  #onCrash;

  /** @type {Worker[]} */
  #workers = [];

  /** @type {Spare[]} */
  #spares = [];

  /**
   * @param {() => Worker} startWorker
   * @param {(error: Error) => void} onCrash called when a thread dies while computing
   */
  constructor(startWorker, onCrash) {
    this.#startWorker = startWorker;
    this.#onCrash = onCrash;
  }

  /**
   * Starts workers that will probably be needed, so that their script loads alongside the engine.
   * @param {number} count
   */
  prepare(count) {
    try {
      this.#spares = Array.from({ length: count }, () => this.#startSpare());
    } catch {
      // It fails again, and is reported, when a thread is needed.
    }
  }

  /** Ends workers that were started and not needed. */
  dismiss() {
    for (const { worker } of this.#spares.splice(0)) worker.terminate();
  }

  /**
   * Starts threads, replacing the current ones.
   * @param {number} count
   * @param {ThreadStart} start
   * @returns {Promise<void>} resolves when all wait for work; if one cannot, all are ended and the promise rejects
   */
  async start(count, start) {
    this.#end();
    try {
      await Promise.all(Array.from({ length: count }, () => this.#startOne(start)));
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Ends all of them. */
  stop() {
    this.#end();
    this.dismiss();
  }

  #end() {
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /** @returns {Spare} */
  #startSpare() {
    const worker = this.#startWorker();
    /** @type {Promise<never>} */
    const failed = new Promise((_, reject) => {
      worker.onerror = (event) => {
        event.preventDefault(); // handled: the single-threaded engine takes over
        reject(new Error(event.message || 'its worker cannot be loaded'));
      };
    });
    failed.catch(() => {}); // handled when the thread is used
    return { worker, failed };
  }

  /**
   * @param {ThreadStart} start
   * @returns {Promise<void>}
   */
  #startOne(start) {
    const { worker, failed } = this.#spares.pop() ?? this.#startSpare();
    this.#workers.push(worker);
    /** @type {Promise<void>} */
    const waiting = new Promise((resolve, reject) => {
      worker.onmessage = (/** @type {MessageEvent<FromThread>} */ { data }) => {
        if (data.type === 'waiting') resolve();
        else if (data.type === 'refused') reject(new Error(data.why));
        else this.#onCrash(failure(data.error.name, data.error.message));
      };
    });
    worker.postMessage(start);
    return Promise.race([waiting, failed]);
  }
}
