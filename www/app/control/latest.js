/**
 * Requests of which a few are in flight and at most one waits; a newer request replaces the waiting one.
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
   * @param {() => number} [most] how many may be in flight now
   */
  constructor(serve, most = () => 1) {
    this.#serve = serve;
    this.#most = most;
  }

  /** The waiting request, if any. */
  get waiting() {
    return this.#waiting?.request;
  }

  /**
   * @param {T} request
   * @returns {Promise<R|undefined>} its result; undefined if a newer one replaced it
   */
  submit(request) {
    return new Promise((resolve) => {
      this.#waiting?.resolve(undefined);
      this.#waiting = { request, resolve };
      this.#next();
    });
  }

  /** Resolves when nothing is in flight. */
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
