// One network, as the page sees it: its steps, and questions about it.

import { checkCallback, checkObject, checkSignal, invalid, refuseOthers } from '../page/options.js';
import { aborted, failure } from '../shared/errors.js';

/**
 * @import { Deleted, Followed, LedgerRow, QuestionOptions, Result, Score, Settings, Step, TrainOptions } from '../../lab.js'
 */
/** @import { LabAnswers } from '../shared/lab.js' */
/** @import { Asking, LabClient, WithoutId } from './client.js' */

/** The default number of steps between reports. */
const EVERY = 4;

/** The class that `lab.d.ts` describes. */
export class Run {
  #client;

  /** The run's id in the worker, once it has one. */
  #id = -1;

  /** Open requests other than `done`. @type {Set<number>} */
  #questions = new Set();

  /** Why questions are no longer accepted. @type {unknown} */
  #end = null;

  /** @type {Promise<Result>} */
  done;

  /**
   * @param {LabClient} client
   * @param {Settings} settings
   * @param {TrainOptions} options
   */
  constructor(client, settings, options) {
    this.#client = client;
    this.done = this.#train(settings, options).catch((error) => {
      // A refused run leaves nothing to ask about.
      this.#end ??= error;
      throw error;
    });
  }

  stop() {
    this.#client.stopRun(this.#id);
  }

  /**
   * @param {number} [steps]
   * @returns {Promise<Step>}
   */
  async advance(steps = 1) {
    if (!(Number.isInteger(steps) && steps >= 1)) throw invalid('steps', 'a whole number from 1', steps);
    return this.#request({ type: 'advance', run: this.#id, steps }, undefined, undefined);
  }

  /**
   * @param {{layer: number, index: number}} of
   * @returns {Promise<Followed>}
   */
  async follow(of) {
    const { layer, index } = /** @type {any} */ (checkObject(of));
    return this.#request({ type: 'follow', run: this.#id, layer, index }, undefined, undefined);
  }

  /**
   * @param {QuestionOptions} [options]
   * @returns {Promise<Score>}
   */
  async evaluate(options = {}) {
    return this.#ask('test', options);
  }

  /**
   * @param {QuestionOptions} [options]
   * @returns {Promise<Deleted[]>}
   */
  async deleteEach(options = {}) {
    return this.#ask('deletion', options);
  }

  /**
   * @param {QuestionOptions} [options]
   * @returns {Promise<LedgerRow[]>}
   */
  async ledger(options = {}) {
    return this.#ask('ledger', options);
  }

  dispose() {
    this.#finish(failure('Disposed', 'this run was disposed: train another one'));
  }

  /**
   * Ends the run; open requests are rejected at once.
   * @param {unknown} error
   */
  #finish(error) {
    this.#end ??= error;
    for (const id of [...this.#questions, this.#id]) this.#client.cancel(id, error);
  }

  /**
   * Starts the run at once, so that it has its id before the first question.
   * @param {Settings} settings
   * @param {TrainOptions} options
   * @returns {Promise<Result>}
   */
  async #train(settings, options) {
    const { every, hold, onStep, signal } = checkTrainOptions(options);
    if (signal?.aborted) throw aborted(signal);
    const { id, answer } = this.#client.request({ type: 'train', settings: checkObject(settings), every, hold }, onStep);
    this.#id = id;
    const abort = () => signal && this.#finish(aborted(signal));
    signal?.addEventListener('abort', abort);
    try {
      return await answer;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * @template {keyof LabAnswers} Q
   * @param {Q} question
   * @param {QuestionOptions} options
   * @returns {Promise<LabAnswers[Q]>}
   */
  async #ask(question, options) {
    const { onProgress, signal, ...others } = checkObject(options);
    refuseOthers(others);
    const told = checkCallback('onProgress', onProgress);
    return this.#request({ type: 'ask', run: this.#id, question }, told, checkSignal(signal));
  }

  /**
   * @param {WithoutId<Asking>} request about this run
   * @param {((told: any) => void) | undefined} onTold
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<any>}
   */
  async #request(request, onTold, signal) {
    if (this.#end) throw this.#end;
    if (signal?.aborted) throw aborted(signal);
    const { id, answer } = this.#client.request(request, onTold);
    const abort = () => signal && this.#client.cancel(id, aborted(signal));
    this.#questions.add(id);
    signal?.addEventListener('abort', abort);
    try {
      return await answer;
    } catch (error) {
      // The worker does not know a run that it refused; it has already said why.
      throw this.#end ?? error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#questions.delete(id);
    }
  }
}

/** @param {unknown} options */
function checkTrainOptions(options) {
  const { every = EVERY, hold = false, onStep, signal, ...others } = checkObject(options);
  refuseOthers(others);
  if (!(typeof every === 'number' && Number.isInteger(every) && every >= 1)) {
    throw invalid('every', 'a whole number from 1', every);
  }
  if (typeof hold !== 'boolean') throw invalid('hold', 'true or false', hold);
  return { every, hold, onStep: checkCallback('onStep', onStep), signal: checkSignal(signal) };
}
