// The page's end of a lab's worker. Each request has an id, and ends with an answer or a rejection.

import { failure, messageOf } from '../shared/errors.js';
import { unknownMessage } from '../shared/protocol.js';
import { startWatched, workerFailure } from '../page/diagnosis.js';

/** @import { Preset } from '../../lab.js' */
/** @import { Progress } from '../../reslens.js' */
/** @import { FromLab, LabRequest, LabStart, ToLab } from '../shared/lab.js' */

/**
 * @typedef {object} Open a request without an answer
 * @property {(answer: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {(told: any) => void} [onTold] called with the steps of a run, or the progress of a question
 */

/** A request with an answer, before it gets its id. @typedef {Exclude<LabRequest, {type: 'stop' | 'cancel'}>} Asking */

/**
 * @template T
 * @typedef {T extends unknown ? Omit<T, 'id'> : never} WithoutId
 */

/** The id of the `lab` request, which loads the engine. */
const LOAD = 0;

export class LabClient {
  #worker;
  #refusals;

  /** @type {Map<number, Open>} */
  #open = new Map();

  #lastId = LOAD;

  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Why it accepts no more requests. @type {unknown} */
  #end = null;

  #loaded = false;

  /**
   * @param {() => Worker} start
   * @param {string} url of its script, for error messages
   */
  constructor(start, url) {
    const { worker, refusals } = startWatched(start, url);
    this.#worker = worker;
    this.#refusals = refusals;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#explain(event, url);
    this.#worker.onmessageerror = () => this.stop(failure('OutOfMemory', 'a message from the lab could not be received'));
  }

  /**
   * Loads the engine and the digits; call it once, first.
   * @param {LabStart} start
   * @param {((progress: Progress) => void) | undefined} onProgress
   * @returns {Promise<Preset[]>}
   */
  async load(start, onProgress) {
    this.#onProgress = onProgress;
    const presets = await this.#send(LOAD, start, undefined);
    this.#loaded = true;
    this.#refusals.stop();
    return presets;
  }

  /**
   * Makes a request.
   * @param {WithoutId<Asking>} request
   * @param {((told: any) => void) | undefined} onTold
   * @returns {{id: number, answer: Promise<any>}}
   */
  request(request, onTold) {
    const id = ++this.#lastId;
    return { id, answer: this.#send(id, /** @type {Asking} */ ({ ...request, id }), onTold) };
  }

  /**
   * Stops a run before its next step.
   * @param {number} run
   */
  stopRun(run) {
    if (!this.#end) this.#worker.postMessage(/** @satisfies {ToLab} */ ({ type: 'stop', run }));
  }

  /**
   * Drops a request at once, and the run that it started.
   * @param {number} id
   * @param {unknown} error
   */
  cancel(id, error) {
    this.#take(id)?.reject(error);
    if (!this.#end) this.#worker.postMessage(/** @satisfies {ToLab} */ ({ type: 'cancel', id }));
  }

  /**
   * Ends the worker; open requests are rejected at once.
   * @param {unknown} error
   */
  stop(error) {
    this.#end ??= error;
    this.#worker.terminate();
    this.#refusals.stop();
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }

  /**
   * @param {number} id
   * @param {ToLab} message
   * @param {((told: any) => void) | undefined} onTold
   * @returns {Promise<any>}
   */
  #send(id, message, onTold) {
    return new Promise((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      try {
        this.#worker.postMessage(message);
      } catch (error) {
        // Something that cannot be cloned, such as a function among the settings.
        return reject(failure('InputInvalid', messageOf(error), error));
      }
      this.#open.set(id, { resolve, reject, onTold });
    });
  }

  /** @param {number} id */
  #take(id) {
    const open = this.#open.get(id);
    this.#open.delete(id);
    return open;
  }

  /** @param {FromLab} message */
  #receive(message) {
    switch (message.type) {
      case 'progress':
        return this.#onProgress?.(message.progress);
      case 'ready':
        return this.#take(LOAD)?.resolve(message.presets);
      case 'step':
        return this.#tell(message.id, message.step);
      case 'advanced':
        return this.#tell(message.id, { done: message.done, total: message.total });
      case 'answered':
        return this.#take(message.id)?.resolve(message.answer);
      case 'failed': {
        const error = failure(message.error.name, message.error.message);
        return message.id === null ? this.stop(error) : this.#take(message.id)?.reject(error);
      }
      default:
        return unknownMessage(message);
    }
  }

  /**
   * Rethrows a listener's exception outside of this call: it is the page's own.
   * @param {number} id
   * @param {object} told
   */
  #tell(id, told) {
    try {
      this.#open.get(id)?.onTold?.(told);
    } catch (error) {
      reportError(error);
    }
  }

  /**
   * Ends a worker that failed outside of any request, with the reason as far as it is known.
   * @param {ErrorEvent} event
   * @param {string} url
   */
  async #explain(event, url) {
    event.preventDefault(); // handled: it rejects
    this.stop(await workerFailure(event, this.#loaded, url, this.#refusals));
  }
}
