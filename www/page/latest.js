/**
 * At most one request under way and one waiting; a newer request replaces the one that waits.
 * @template T
 */
export class Latest {
  /** @type {T|undefined} */
  #waiting;
  /** @type {Promise<void>|null} */
  #running = null;
  #serve;

  /** @param {(request: T) => Promise<void>} serve must not reject */
  constructor(serve) {
    this.#serve = serve;
  }

  /**
   * @param {T} request
   * @returns {Promise<void>} resolves when nothing is under way any more
   */
  submit(request) {
    this.#waiting = request;
    this.#running ??= this.#drain();
    return this.#running;
  }

  /** Resolves when nothing is under way. */
  get idle() {
    return this.#running ?? Promise.resolve();
  }

  async #drain() {
    while (this.#waiting !== undefined) {
      const request = this.#waiting;
      this.#waiting = undefined;
      await this.#serve(request);
    }
    this.#running = null;
  }
}
