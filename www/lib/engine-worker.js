// The page's end of one worker: a request at a time, and always an answer or a rejection.

import { failure, messageOf } from './errors.js';
import { unknownMessage } from './protocol.js';

/** @import { ErrorRecord } from './errors.js' */
/**
 * @import { AnswerMessage, BackendMessage, Call, FromWorker, LoadMessage, Progress, ReadyMessage,
 *   ToWorker } from './protocol.js'
 */

/** @typedef {{resolve: (message: any) => void, reject: (error: unknown) => void}} Pending */

/** How long a worker may take to free the GPU's memory, in ms: it may be busy computing. */
const RELEASE_TIME = 1000;

export class EngineWorker {
  #worker;
  /** @type {MessagePort[]} */
  #lines = [];
  /** @type {Pending | null} */
  #pending = null;
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
   * Ends the worker and all its threads; what is pending is rejected at once.
   * @param {unknown} error
   * @returns {Promise<void>} when the worker is gone
   */
  stop(error) {
    this.usable = false;
    this.#settle()?.reject(error);
    this.#end ??= this.#release().then(() => {
      this.#worker.terminate();
      for (const line of this.#lines) line.close();
    });
    return this.#end;
  }

  /** Has the worker free what browsers may free late, if it has any of that and still listens. */
  async #release() {
    if (!this.#gpu) return;
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
      case 'backend':
        if (!this.usable) return; // it is being stopped: that is why the GPU goes
        this.#gpu = message.backend.kind === 'webgpu';
        return this.onBackend(message);
      case 'ready':
        this.#gpu = message.backend.kind === 'webgpu';
        return this.#settle()?.resolve(message);
      case 'answer':
        return this.#settle()?.resolve(message);
      case 'failed':
        if (message.fatal) return this.stop(revive(message.error));
        return this.#settle()?.reject(revive(message.error));
      case 'released':
        return this.#released();
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
