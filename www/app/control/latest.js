/**
 * A few requests under way and at most one waiting; a newer request replaces the one that waits.
 * @template T, R
 */
export class Latest {
  /** @type {{request: T, resolve: (result: R|undefined) => void}|null} */
  #waiting = null;
  /** @type {Set<Promise<void>>} */
  #underWay = new Set();
  #serve;
  #most;

  /**
   * @param {(request: T) => Promise<R>} serve must not reject
   * @param {() => number} [most] how many may be under way now
   */
  constructor(serve, most = () => 1) {
    this.#serve = serve;
    this.#most = most;
  }

  /** The request that waits, if there is one. */
  get waiting() {
    return this.#waiting?.request;
  }

  /**
   * @param {T} request
   * @returns {Promise<R|undefined>} what became of it; undefined if a newer one replaced it
   */
  submit(request) {
    return new Promise((resolve) => {
      this.#waiting?.resolve(undefined);
      this.#waiting = { request, resolve };
      this.#next();
    });
  }

  /** Resolves when nothing is under way. */
  async idle() {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #next() {
    if (!this.#waiting || this.#underWay.size >= this.#most()) return;
    const { request, resolve } = this.#waiting;
    this.#waiting = null;
    const served = this.#serve(request).then((result) => {
      this.#underWay.delete(served);
      this.#next();
      resolve(result);
    });
    this.#underWay.add(served);
  }
}
