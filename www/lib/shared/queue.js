// A queue of calls that overlap and keep their order: each is prepared at once, begins after the previous one has
// begun, and ends after the previous one has ended. The page's classifier and its worker each have one.

import { aborted } from './errors.js';

/** One call: `waiting` until it begins, `sent` until it has an outcome, `settled` from then on. */
class QueuedCall {
  /** @type {'waiting' | 'sent' | 'settled'} */
  state = 'waiting';

  /** The call's outcome. @type {Promise<any>} */
  answer;

  /** Resolves when there is an outcome. @type {Promise<void>} */
  settled;

  #resolve = (/** @type {any} */ _) => {};
  #reject = (/** @type {unknown} */ _) => {};
  #signal;

  /** @param {AbortSignal} [signal] rejects the call at once when it aborts */
  constructor(signal) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const done = () => {};
    this.settled = this.answer.then(done, done);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort);
  }

  #abort = () => this.#signal && this.reject(aborted(this.#signal));

  /** @param {unknown} answer ignored if there is already an outcome */
  resolve(answer) {
    this.#settle();
    this.#resolve(answer);
  }

  /** @param {unknown} error ignored if there is already an outcome */
  reject(error) {
    this.#settle();
    this.#reject(error);
  }

  #settle() {
    this.state = 'settled';
    this.#signal?.removeEventListener('abort', this.#abort);
  }
}

/**
 * @template Prepared the result of `prepare`
 * @typedef {object} QueueOptions
 * @property {() => number} [capacity] how many calls may be in flight at a time. Default: any number
 * @property {() => Promise<unknown>} [ready] resolves when the next call may begin; if it rejects, so
 *   does that call
 * @property {(prepared: Prepared) => void} [discard] frees what was prepared for a call that never begins
 * @property {boolean} [failsEarly] whether a call that cannot be prepared is rejected at once. Default: when
 *   the calls before it have ended
 */

/** @template Prepared */
export class Queue {
  #capacity;
  #ready;
  #discard;
  #failsEarly;

  /** Settles when the last call has begun, or is known never to begin. @type {Promise<unknown>} */
  #begun = Promise.resolve();

  /** Settles when all calls have ended. @type {Promise<unknown>} */
  #ended = Promise.resolve();

  /** The calls without an outcome, in order. @type {Set<QueuedCall>} */
  #open = new Set();

  /** Settles with the end of each call in flight, in order. @type {Set<Promise<unknown>>} */
  #underWay = new Set();

  /** @param {QueueOptions<Prepared>} [options] */
  constructor(options = {}) {
    const { capacity = () => Infinity, ready = async () => {}, discard = () => {}, failsEarly = false } = options;
    this.#capacity = capacity;
    this.#ready = ready;
    this.#discard = discard;
    this.#failsEarly = failsEarly;
  }

  /**
   * Adds a call.
   * @template {Prepared} P
   * @template R
   * @param {() => Promise<P>} prepare called at once
   * @param {(prepared: P, before: Promise<unknown>) => Promise<R>} begin called in the call's turn;
   *   `before` resolves when all calls before it have ended
   * @param {AbortSignal} [signal] rejects the call at once when it aborts
   * @returns {Promise<R>} the result of `begin`, or the first rejection, when all calls before have ended
   */
  run(prepare, begin, signal) {
    const call = new QueuedCall(signal);
    this.#open.add(call);
    call.settled.then(() => this.#open.delete(call));
    const prepared = prepare();
    prepared.catch((error) => this.#failsEarly && call.reject(error));
    const before = this.#ended;
    const begun = this.#begun.then(() => this.#begin(call, prepared, (input) => begin(input, before)));
    const result = begun.then(([result]) => result);
    this.#begun = begun.catch(() => {});
    this.#ended = Promise.allSettled([before, result]).then(() => {}); // without the answers
    this.#ended.then(() => result).then((answer) => call.resolve(answer), (error) => call.reject(error));
    return call.answer;
  }

  /**
   * Rejects all calls without an outcome at once. Those that have not begun never will.
   * @param {unknown} error
   */
  clear(error) {
    for (const call of this.#open) call.reject(error);
  }

  /**
   * Begins a call when its input and the queue are ready and there is room; not if it has an outcome by then.
   * @template P
   * @param {QueuedCall} call
   * @param {Promise<P & Prepared>} prepared
   * @param {(prepared: P) => Promise<any>} begin
   * @returns {Promise<Promise<any>[]>} its result, wrapped so that awaiting its start does not await its end
   */
  async #begin(call, prepared, begin) {
    // An input that never comes does not hold up the next call once this one is aborted.
    const input = await Promise.race([prepared, call.settled]);
    if (call.state === 'waiting') await this.#room();
    if (call.state === 'waiting') await this.#ready();
    if (call.state === 'settled') {
      prepared.then(this.#discard, () => {});
      return [];
    }
    call.state = 'sent';
    const result = begin(/** @type {P} */ (input));
    /** @type {Promise<unknown>} */
    const ended = Promise.allSettled([result]).then(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
    return [result];
  }

  /** Waits until one more call may be in flight. */
  async #room() {
    while (this.#underWay.size >= this.#capacity()) {
      const [oldest] = this.#underWay;
      await oldest;
    }
  }
}
