// The page's end of one worker: a request at a time, and always an answer or a rejection.

import { failure, messageOf } from './errors.js';
import { unknownMessage } from './protocol.js';

/** @import { ErrorRecord } from './errors.js' */
/**
 * @import { AnswerMessage, Call, FromWorker, LoadMessage, Progress, ReadyMessage, ToWorker }
 *   from './protocol.js'
 */

/** @typedef {{resolve: (message: any) => void, reject: (error: unknown) => void}} Pending */

export class EngineWorker {
  #worker;
  /** @type {MessagePort[]} */
  #lines = [];
  /** @type {Pending | null} */
  #pending = null;
  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Whether it can take calls: loaded, and nothing happened to it since. */
  usable = false;

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
   * Ends the worker and all its threads; what is pending is rejected.
   * @param {unknown} error
   */
  stop(error) {
    this.usable = false;
    this.#worker.terminate();
    for (const line of this.#lines) line.close();
    this.#lines = [];
    this.#settle()?.reject(error);
  }

  /**
   * @param {ToWorker} message
   * @param {Transferable[]} transfer
   * @returns {Promise<any>}
   */
  #request(message, transfer) {
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(message, transfer);
      this.#pending = { resolve, reject };
    });
  }

  #settle() {
    const pending = this.#pending;
    this.#pending = null;
    return pending;
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
      case 'ready':
      case 'answer':
        return this.#settle()?.resolve(message);
      case 'failed':
        if (message.fatal) return this.stop(revive(message.error));
        return this.#settle()?.reject(revive(message.error));
      default:
        return unknownMessage(message);
    }
  }
}

/** @param {ErrorRecord} record */
const revive = ({ name, message }) => failure(name, message);

/**
 * What of a call is moved instead of copied.
 * @param {Call} call
 * @returns {Transferable[]}
 */
function transferables(call) {
  if (call.method === 'logits') return [call.input.buffer];
  switch (call.picture.kind) {
    case 'bitmap':
      return [call.picture.bitmap];
    case 'rgba':
      return [call.picture.rgba.buffer];
    case 'blob':
      return [];
  }
}
