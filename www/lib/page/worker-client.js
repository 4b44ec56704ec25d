// The page's end of one worker. Requests are answered in their order; each ends with an answer, a
// rejection, or in another worker that takes it over.

import { failure, messageOf } from '../shared/errors.js';
import { transferables, unknownMessage } from '../shared/protocol.js';

/** @import { Progress } from '../../reslens.js' */
/** @import { ErrorRecord } from '../shared/errors.js' */
/**
 * @import { Answers, BackendMessage, Call, CallOf, FromWorker, LoadMessage, Memory, Outcome,
 *   ReadyMessage, ToWorker } from '../shared/protocol.js'
 */

/** @typedef {{resolve: (answer: any) => void, reject: (error: unknown) => void}} Pending */

/** How long a worker may take to free the GPU's memory, in ms: it may be busy computing. */
const RELEASE_TIME = 1000;

export class WorkerClient {
  #worker;

  /** One for each thread of the worker. @type {MessagePort[]} */
  #crashPorts = [];

  /** The requests without an answer, in their order. @type {Pending[]} */
  #pending = [];

  /** The calls that a crash kept from being answered. @type {(Pending & {call: Call})[]} */
  #returned = [];

  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Whether a GPU is in use. */
  #gpu = false;

  /** Ends the wait for that GPU's memory. */
  #released = () => {};

  /** @type {Promise<void> | null} */
  #end = null;

  /** Whether it can take calls: loaded, and neither crashed nor stopped since. */
  usable = false;

  /**
   * Called when the worker falls back to the CPU, and when its GPU is back.
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
   * Loads engines and model; call it once, first.
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
   * Makes a call.
   * @template {keyof Answers} M
   * @param {CallOf<M>} call
   * @returns {Promise<{answer: Answers[M], memory: Memory}>}
   */
  call(call) {
    return this.#request({ type: 'call', call }, transferables(call));
  }

  /**
   * Makes the calls that another worker gave back.
   * @param {WorkerClient} former that crashed
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
      for (const port of this.#crashPorts) port.close();
      for (const { reject } of this.#pending.splice(0)) reject(error);
    });
    return this.#end;
  }

  /**
   * Lets the worker give back what is pending and free what browsers may free late, if there is any of
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
        if (message.crashPorts) this.#listenTo(message.crashPorts);
        return this.#onProgress?.(message.progress);
      case 'backend':
        if (!this.usable) return; // it is being stopped: that is why the GPU goes
        this.#gpu = message.backend.kind === 'webgpu';
        return this.onBackend(message);
      case 'ready':
        this.#gpu = message.backend.kind === 'webgpu';
        return this.#pending.shift()?.resolve(message);
      case 'settled': {
        const request = this.#pending.shift();
        return request && this.#settle(request, message.outcome);
      }
      case 'released':
        return this.#released();
      default:
        return unknownMessage(message);
    }
  }

  /** @param {MessagePort[]} crashPorts */
  #listenTo(crashPorts) {
    this.#crashPorts = crashPorts;
    for (const port of crashPorts) port.onmessage = ({ data }) => this.stop(revive(data));
  }

  /**
   * @param {Pending} request
   * @param {Outcome} outcome
   */
  #settle(request, outcome) {
    switch (outcome.kind) {
      case 'answered':
        return request.resolve(outcome);
      case 'failed': {
        const error = revive(outcome.error);
        request.reject(error);
        if (outcome.fatal) this.#finish(error);
        return;
      }
      case 'returned':
        this.#returned.push({ ...request, call: outcome.call });
        return;
      default:
        return unknownMessage(outcome);
    }
  }
}

/** @param {ErrorRecord} record */
const revive = ({ name, message }) => failure(name, message);
