// Threads: one worker each, on the engine's module and shared memory. The page starts them, because only it
// knows how to start a worker there: from a bundler's address, from another origin, or by its own function.
// See `src/threads.rs`.

import { failure } from '../shared/errors.js';

/** @import { ThreadsMessage } from '../shared/protocol.js' */
/** @import { ThreadStart } from '../shared/threads.js' */

export class Pool {
  #send;

  /** Ends the wait for the page's answer. */
  #settled = (/** @type {string | null} */ _) => {};

  /** @param {(message: ThreadsMessage) => void} send to the page */
  constructor(send) {
    this.#send = send;
  }

  /**
   * Starts workers that become threads of the pool.
   * @param {number} count
   * @param {ThreadStart} start
   * @returns {Promise<void>} rejects with `BackendUnavailable`
   */
  async start(count, start) {
    /** @type {Promise<string | null>} */
    const answer = new Promise((resolve) => (this.#settled = resolve));
    this.#send({ type: 'threads', count, start });
    const problem = await answer;
    if (problem !== null) throw failure('BackendUnavailable', `a thread did not start: ${problem}`);
  }

  /** Receives the page's answer: why a thread did not start, or null. @param {string | null} problem */
  settle(problem) {
    this.#settled(problem);
  }

  /** Ends all threads. */
  stop() {
    this.#send({ type: 'threads', count: 0, start: null });
  }
}
