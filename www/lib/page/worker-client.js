// The page's end of one worker. Requests are answered in order; each ends with an answer, a rejection, or in another
// worker that takes it over.

import { failure, messageOf } from '../shared/errors.js';
import { planThreads } from '../shared/features.js';
import { transferables, unknownMessage } from '../shared/protocol.js';
import { startWatched, workerFailure } from './diagnosis.js';
import { Conversion } from './conversion.js';
import { LoadedFile } from './model-file.js';
import { Threads } from './threads.js';

/** @import { Progress } from '../../reslens.js' */
/** @import { ErrorRecord } from '../shared/errors.js' */
/** @import { Differentiated, GradientCall, GradientsStart, Image, ToGradients } from '../shared/gradients.js' */
/**
 * @import { Answers, BackendMessage, Call, CallOf, ConvertMessage, FromWorker, LoadMessage, Memory, Outcome,
 *   ReadyMessage, ThreadsMessage, ToWorker } from '../shared/protocol.js'
 */

/** @typedef {{resolve: (answer: any) => void, reject: (error: unknown) => void}} Pending */

/** How long a worker may take to free the GPU's memory, in ms: it may be busy computing. */
const RELEASE_TIME = 1000;

const SILENT_END = 'the worker has ended without a reason, as when memory runs out; the next call starts a new one';

export class WorkerClient {
  #worker;

  #threads;

  #conversion;

  #refusals;

  /** The unanswered requests, in order. @type {Pending[]} */
  #pending = [];

  /** The calls that a crash left unanswered. @type {(Pending & {call: Call})[]} */
  #returned = [];

  /** @type {((progress: Progress) => void) | undefined} */
  #onProgress;

  /** Whether a GPU is in use. */
  #gpu = false;

  /** Ends the wait for that GPU's memory. */
  #released = () => {};

  /** @type {Promise<void> | null} */
  #end = null;

  /** The model that it has loaded. */
  file = new LoadedFile();

  /** Whether it can take calls: it is loaded, and has neither crashed nor been stopped. */
  usable = false;

  /** Whether its engine crashed for a reason other than memory, so that another one might not. */
  trapped = false;

  /**
   * Called when the worker falls back to the CPU, and when its GPU is back.
   * @type {(message: BackendMessage) => void}
   */
  onBackend = () => {};

  /**
   * Called with the image to differentiate, if the worker computes gradients.
   * @type {(image: Image) => void}
   */
  onInput = () => {};

  /**
   * @param {() => Worker} start starts the worker, and each of its threads
   * @param {string} url of its script, for error messages
   */
  constructor(start, url) {
    this.#threads = new Threads(start, (error) => this.#crash(error));
    this.#conversion = new Conversion(start);
    const { worker, refusals } = startWatched(start, url);
    this.#worker = worker;
    this.#refusals = refusals;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#explain(event, url);
    this.#worker.onmessageerror = () =>
      this.stop(failure('OutOfMemory', "the worker's answer could not be received"));
  }

  /**
   * Loads the engines and the model; call it once, first.
   * @template {LoadMessage | GradientsStart} Start
   * @param {Start} message
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<Start extends LoadMessage ? ReadyMessage : void>}
   */
  async load(message, onProgress) {
    this.#onProgress = onProgress;
    // Of the models' sources, only an array has a buffer.
    const { buffer } = /** @type {Partial<Uint8Array<ArrayBuffer>>} */ (message.model);
    const loading = this.#request(message, buffer ? [buffer] : []);
    if (message.type === 'load') this.#threads.prepare(likelyThreads(message) - 1);
    const ready = await loading;
    this.#threads.dismiss();
    this.usable = true;
    this.#refusals.stop();
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
   * Computes gradients, in a worker started for them.
   * @param {GradientCall} call
   * @returns {Promise<{answer: Differentiated}>}
   */
  differentiate(call) {
    return this.#request({ type: 'call', call }, transferables(call));
  }

  /**
   * Repeats the calls that a crashed worker returned.
   * @param {WorkerClient} former that crashed
   */
  takeOver(former) {
    for (const { call, resolve, reject } of former.#returned.splice(0)) {
      this.call(call).then(resolve, reject);
    }
  }

  /**
   * Ends the worker and all its threads; pending requests are rejected at once.
   * @param {unknown} error
   * @returns {Promise<void>} when the worker is gone
   */
  stop(error) {
    for (const { reject } of [...this.#returned.splice(0), ...this.#pending.splice(0)]) reject(error);
    return this.#finish(error);
  }

  /** Resolves when the worker is gone, if it is being stopped. */
  get ended() {
    return this.#end;
  }

  /**
   * Ends the worker and all its threads. Until the worker is gone, it may still return pending calls.
   * @param {unknown} error for those that it does not return
   */
  #finish(error) {
    this.usable = false;
    this.file.end(error);
    this.#end ??= this.#release().then(() => {
      this.#worker.terminate();
      this.#threads.stop();
      this.#conversion.stop();
      this.#refusals.stop();
      for (const { reject } of this.#pending.splice(0)) reject(error);
    });
    return this.#end;
  }

  /**
   * Lets the worker return pending calls and free memory that browsers may free late, if there is anything to do and
   * the worker still responds.
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
   * @param {ToWorker | ToGradients} message
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
        return this.#startThreads(message);
      case 'convert':
        return this.#convert(message);
      case 'backend':
        if (!this.usable) return; // it is being stopped, which is why the GPU is lost
        this.#gpu = message.backend.kind === 'webgpu';
        return this.onBackend(message);
      case 'ready':
        this.#gpu = message.backend.kind === 'webgpu';
        this.#watch(message.lock);
        return this.#pending.shift()?.resolve(message);
      case 'file':
        return this.file.arrive(message.file);
      case 'started':
        this.#watch(message.lock);
        return this.#pending.shift()?.resolve(undefined);
      case 'input':
        return this.onInput(message.image);
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

  /** @param {ThreadsMessage} message */
  async #startThreads({ count, start }) {
    if (!start) return this.#threads.stop();
    if (this.#end) return; // it is being stopped
    const problem = await this.#threads.start(count, start).then(() => null, messageOf);
    this.#worker.postMessage(/** @satisfies {ToWorker} */ ({ type: 'threads', problem }));
  }

  /** @param {ConvertMessage} message */
  async #convert({ start }) {
    const converted = await this.#conversion.run(start);
    const transfer = 'file' in converted ? [converted.file.buffer] : [];
    this.#worker.postMessage(/** @satisfies {ToWorker} */ ({ type: 'converted', converted }), transfer);
  }

  /**
   * Ends a worker that failed outside of any call, with the reason as far as it is known.
   * @param {ErrorEvent} event
   * @param {string} url
   */
  async #explain(event, url) {
    const started = this.usable || this.#end !== null;
    await this.stop(await workerFailure(event, started, url, this.#refusals));
  }

  /** Waits for the lock that the worker holds until it ends. @param {string | null} lock */
  #watch(lock) {
    if (!lock) return;
    const ended = () => this.#end ?? this.#crash(failure('BackendUnavailable', SILENT_END));
    navigator.locks.request(lock, ended).catch(() => {}); // the page itself is ending
  }

  /** Ends a worker one of whose threads died, or what is left of one that ended itself. @param {Error} error */
  #crash(error) {
    this.#mark(error);
    this.stop(error);
  }

  /** @param {Error} error of an engine that crashed */
  #mark(error) {
    this.trapped = error.name !== 'OutOfMemory';
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
        if (outcome.fatal) this.#mark(error);
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

/** The number of threads that the engine will probably have. @param {LoadMessage} message */
function likelyThreads({ threads, trapped, wasm }) {
  const hasThreads = Object.keys(wasm).some((file) => file.endsWith('-threads'));
  return hasThreads && !trapped ? planThreads(threads).threads : 1;
}

/** @param {ErrorRecord} record */
const revive = ({ name, message }) => failure(name, message);
