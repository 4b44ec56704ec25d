// The page's end of one worker: requests are answered in their order, and each has an answer, a
// rejection, or another worker that takes it.

import { failure, messageOf } from '../shared/errors.js';
import { transferables, unknownMessage } from '../shared/protocol.js';

/** @import { ErrorRecord } from '../shared/errors.js' */
/**
 * @import { AnswerMessage, BackendMessage, Call, FailedMessage, FromWorker, LoadMessage, Progress,
 *   ReadyMessage, ToWorker } from '../shared/protocol.js'
 */

/** @typedef {{resolve: (message: any) => void, reject: (error: unknown) => void}} Pending */

/** How long a worker may take to free the GPU's memory, in ms: it may be busy computing. */
const RELEASE_TIME = 1000;

export class EngineWorker {
  #worker;
  /** @type {MessagePort[]} */
  #lines = [];
  /** In the order of the requests. @type {Pending[]} */
  #pending = [];

  /** Calls that a crash kept from being answered. @type {(Pending & {call: Call})[]} */
  #returned = [];

  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Whether a GPU is in use. */
  #gpu = false;

  /** Ends the wait for that GPU's memory. */
  #released = () => {};

  /** @type {Promise<void> | null} */
  #end = null;

  /** Whether it can take calls: loaded, and nothing happened to it since. */
  usable = false;

  /**
   * Told when it falls back to the CPU, and when the GPU is back.
   * @type {(message: BackendMessage) => void}
   */
  onBackend = () => {};

  /** @param {URL} url of the worker's script */
  constructor(url) {
    try {
      this.#worker = new Worker(url, { type: 'module', name: 'reslens' });
    } catch (error) {
      const message = `the worker ${url} cannot be started: ${messageOf(error)}`;
      throw failure('BackendUnavailable', message, error);
    }
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = ({ message }) =>
      this.stop(
        failure('BackendUnavailable', `the worker ${url} failed: ${message || 'it cannot be loaded'}`),
      );
    this.#worker.onmessageerror = () =>
      this.stop(failure('OutOfMemory', "the worker's answer could not be received"));
  }

  /**
   * @param {LoadMessage} message
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<ReadyMessage>}
   */
  async load(message, onProgress) {
    this.#onProgress = onProgress;
    const ready = await this.#request(message, []);
    this.usable = true;
    return ready;
  }

  /**
   * @param {Call} call
   * @returns {Promise<AnswerMessage>}
   */
  call(call) {
    return this.#request({ type: 'call', call }, transferables(call));
  }

  /**
   * Makes the calls that another worker gave back.
   * @param {EngineWorker} former that crashed
   */
  takeOver(former) {
    for (const { call, resolve, reject } of former.#returned.splice(0)) {
      this.call(call).then(resolve, reject);
    }
  }

  /**
   * Ends the worker and all its threads; what is pending is rejected at once.
   * @param {unknown} error
   * @returns {Promise<void>} when the worker is gone
   */
  stop(error) {
    for (const { reject } of [...this.#returned.splice(0), ...this.#pending.splice(0)]) reject(error);
    return this.#finish(error);
  }

  /** When the worker is gone, if that is on its way. */
  get ended() {
    return this.#end;
  }

  /**
   * Ends the worker and all its threads. What is pending may be given back until the worker is gone.
   * @param {unknown} error for what is not
   */
  #finish(error) {
    this.usable = false;
    this.#end ??= this.#release().then(() => {
      this.#worker.terminate();
      for (const line of this.#lines) line.close();
      for (const { reject } of this.#pending.splice(0)) reject(error);
    });
    return this.#end;
  }

  /**
   * Has the worker give back what is pending and free what browsers may free late, if there is any of
   * that and it still listens.
   */
  async #release() {
    if (!this.#gpu && this.#pending.length === 0) return;
    /** @type {Promise<void>} */
    const released = new Promise((resolve) => {
      this.#released = resolve;
      setTimeout(resolve, RELEASE_TIME);
    });
    this.#worker.postMessage(/** @satisfies {ToWorker} */ ({ type: 'release' }));
    await released;
  }

  /**
   * @param {ToWorker} message
   * @param {Transferable[]} transfer
   * @returns {Promise<any>}
   */
  #request(message, transfer) {
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(message, transfer);
      this.#pending.push({ resolve, reject });
    });
  }

  /** @param {FromWorker} message */
  #receive(message) {
    switch (message.type) {
      case 'progress':
        return this.#onProgress?.(message.progress);
      case 'threads':
        this.#lines = message.lines;
        for (const line of this.#lines) line.onmessage = ({ data }) => this.stop(revive(data));
        return;
      case 'backend':
        if (!this.usable) return; // it is being stopped: that is why the GPU goes
        this.#gpu = message.backend.kind === 'webgpu';
        return this.onBackend(message);
      case 'ready':
        this.#gpu = message.backend.kind === 'webgpu';
        return this.#pending.shift()?.resolve(message);
      case 'answer':
        return this.#pending.shift()?.resolve(message);
      case 'failed':
        return this.#fail(message);
      case 'returned': {
        const pending = this.#pending.shift();
        if (pending) this.#returned.push({ ...pending, call: message.call });
        return;
      }
      case 'released':
        return this.#released();
      default:
        return unknownMessage(message);
    }
  }

  /** @param {FailedMessage} message */
  #fail({ error: record, fatal }) {
    const error = revive(record);
    this.#pending.shift()?.reject(error);
    if (fatal) this.#finish(error);
  }
}

/** @param {ErrorRecord} record */
const revive = ({ name, message }) => failure(name, message);
