// Work in turns: each task computes a slice, then the next one does. Messages arrive in the pauses.

/** How long tasks compute before a pause, in ms; with one more slice it is at most twice that. */
const BETWEEN_PAUSES = 20;

/** Computes a slice, and returns whether there is more. @typedef {() => boolean} Task */

export class Turns {
  /** The tasks, in the order of their turns. @type {Task[]} */
  #tasks = [];

  #running = false;

  /** Receives an error that a task throws, which ends the task. @type {(error: unknown) => void} */
  #onError;

  /** @param {(error: unknown) => void} onError */
  constructor(onError) {
    this.#onError = onError;
  }

  /** @param {Task} task */
  add(task) {
    this.#tasks.push(task);
    if (!this.#running) this.#run();
  }

  /** Ends a task's turns. @param {Task} task */
  remove(task) {
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  async #run() {
    this.#running = true;
    let since = 0;
    while (this.#tasks.length > 0) {
      if (performance.now() - since >= BETWEEN_PAUSES) {
        await pause();
        since = performance.now();
      }
      this.#takeTurn();
    }
    this.#running = false;
  }

  #takeTurn() {
    const task = this.#tasks.shift();
    if (!task) return; // it was removed in the pause
    try {
      if (task()) this.#tasks.push(task);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/**
 * Lets messages arrive. Timers would be slowed down in a hidden tab.
 * @returns {Promise<void>}
 */
const pause = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
