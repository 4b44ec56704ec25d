// Calls that overlap and keep their order: all are prepared at once, each begins when the one before
// it has begun, and ends when the one before it has ended.

export class Turns {
  /** When the last call has begun. @type {Promise<unknown>} */
  #begun = Promise.resolve();

  /** When the last call has ended. @type {Promise<unknown>} */
  #ended = Promise.resolve();

  /**
   * @template P, R
   * @param {() => Promise<P>} prepare is called at once
   * @param {(prepared: P) => Promise<R>} begin
   * @returns {Promise<R>} what `begin` gave, or the first rejection, when it is this call's turn to end
   */
  run(prepare, begin) {
    const prepared = prepare();
    prepared.catch(() => {}); // heard when it is this call's turn
    // In an array: whoever begins next does not wait for what was begun.
    const begun = this.#begun.then(async () => [begin(await prepared)]);
    const result = begun.then(([result]) => result);
    const ended = Promise.allSettled([this.#ended, result]);
    this.#begun = begun.catch(() => {});
    this.#ended = ended;
    return ended.then(() => result);
  }
}
