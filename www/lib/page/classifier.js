// The public class. It owns a worker, keeps calls in order, and replaces a worker that crashed.

import { aborted, failure, isFailure, kindOf, messageOf } from '../shared/errors.js';
import { closePicture, STOP } from '../shared/protocol.js';
import { Queue } from '../shared/queue.js';
import { VERSION } from '../shared/version.js';
import { startWorker } from './files.js';
import { GradientEngine } from './gradients.js';
import { withPlainNames } from './model-file.js';
import { checkCallOptions, checkGradientOptions, checkLoadOptions, checkSweepOptions, checkTensor, copyBytes } from './options.js';
import { takePicture } from './sources.js';
import { startEngine } from './start.js';
import { WorkerClient } from './worker-client.js';

/**
 * @import { Backend, Classification, ClassifyOptions, Gradients, GradientsOptions, LoadOptions, Logits,
 *   LogitsOptions, Model, Source, Sweep, SweepOptions } from '../../reslens.js'
 */
/** @import { Answers, Call, CallOf, LoadMessage, ModelSource, ReadyMessage } from '../shared/protocol.js' */
/** @typedef {Omit<ReturnType<typeof checkLoadOptions>, 'model'>} Options */
/** @typedef {Options & {model: ModelSource | Uint8Array | null}} Settings `model`: null while only a worker has it */

/** The class that `reslens.d.ts` declares and describes. */
export class Classifier {
  #settings;
  #worker;
  #ready;
  #gradients;
  #disposed = false;

  /**
   * The calls. The worker gets as many of them at a time as its backend overlaps.
   * @type {Queue<Call>}
   */
  #queue = new Queue({
    capacity: () => this.#ready.backend.concurrency,
    ready: () => this.#usableWorker(),
    discard: closeCall,
    failsEarly: true,
  });

  /**
   * The start of a new worker, after a crash.
   * @type {Promise<void> | null}
   */
  #revival = null;

  /**
   * @param {LoadOptions} [options]
   * @returns {Promise<Classifier>}
   */
  static async load(options = {}) {
    /** @type {Settings} */
    const settings = checkLoadOptions(options);
    const { signal, onProgress } = settings;
    if (signal?.aborted) throw aborted(signal);
    /** @type {WorkerClient | undefined} */
    let worker;
    const begin = () => {
      if (signal?.aborted) throw aborted(signal);
      return (worker = newWorker(settings, worker));
    };
    const abort = () => signal && worker?.stop(aborted(signal));
    signal?.addEventListener('abort', abort);
    try {
      const ready = await startEngine(begin, () => loadMessage(settings, settings.backend === 'auto'), onProgress);
      return new Classifier(settings, /** @type {WorkerClient} */ (worker), ready);
    } catch (error) {
      worker?.stop(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Not public: use `Classifier.load`.
   * @param {Settings} settings
   * @param {WorkerClient} worker
   * @param {ReadyMessage} ready
   */
  constructor(settings, worker, ready) {
    this.#settings = settings;
    this.#worker = this.#listenTo(worker);
    this.#ready = ready;
    this.#gradients = new GradientEngine({
      newWorker: () => newWorker(settings),
      wasm: settings.files.wasm,
      model: () => this.#worker.file.get(),
      logits: ({ input, shape }, options, signal) =>
        this.logits(input, { ...options, shape: /** @type {any} */ ([...shape]), signal }),
    });
  }

  /** @returns {Backend} */
  get backend() {
    const { backend, memory } = this.#ready;
    return { ...backend, requested: this.#settings.backend, memory: { ...memory } };
  }

  /** @returns {Model} */
  get model() {
    return this.#ready.model;
  }

  /**
   * @param {Source} source
   * @param {ClassifyOptions} [options]
   * @returns {Promise<Classification>}
   */
  async classify(source, options = {}) {
    const checked = checkCallOptions(options);
    return this.#enqueue(checked.signal, async () => ({
      method: 'classify',
      picture: await takePicture(source),
      options: checked.options,
    }));
  }

  /**
   * @param {Source} source
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Float32Array>}
   */
  async embed(source, options = {}) {
    const { signal } = checkCallOptions(options);
    return this.#enqueue(signal, async () => ({
      method: 'embed',
      picture: await takePicture(source),
    }));
  }

  /**
   * @param {Float32Array} input
   * @param {LogitsOptions} [options]
   * @returns {Promise<Logits>}
   */
  async logits(input, options = {}) {
    const checked = checkCallOptions(options);
    const { inputSize } = this.#ready.model;
    return this.#enqueue(checked.signal, async () => ({
      method: 'logits',
      ...checkTensor(input, options, inputSize),
      options: checked.options,
    }));
  }

  /**
   * @param {Source | Float32Array} source
   * @param {SweepOptions} [options]
   * @returns {Promise<Sweep>}
   */
  async sweep(source, options = {}) {
    const { options: checked, signal, onProgress } = checkSweepOptions(options);
    const { inputSize } = this.#ready.model;
    const { port1: ours, port2: port } = new MessageChannel();
    const reported = new Promise((resolve) => {
      ours.onmessage = ({ data }) => {
        if (data.done === data.total) resolve(data);
        onProgress?.(data);
      };
    });
    const stop = () => ours.postMessage(STOP);
    signal?.addEventListener('abort', stop);
    try {
      const sweep = await this.#enqueue(signal, async () => ({
        ...(kindOf(source) === 'Float32Array'
          ? { method: 'sweepImage', ...checkTensor(source, options, inputSize) }
          : { method: 'sweep', picture: await takePicture(source) }),
        options: checked,
        port,
      }));
      // The answer takes another way, and may overtake the progress.
      await reported;
      return sweep;
    } finally {
      signal?.removeEventListener('abort', stop);
      ours.close();
    }
  }

  /**
   * @param {Source | Float32Array} source
   * @param {GradientsOptions} [options]
   * @returns {Promise<Gradients>}
   */
  async gradients(source, options = {}) {
    const { options: checked, signal, onProgress } = checkGradientOptions(options);
    this.#refuseCalls(signal);
    const { inputSize, labels } = this.#ready.model;
    const prepare = async () => ({
      options: checked,
      ...(kindOf(source) === 'Float32Array'
        ? checkTensor(source, options, inputSize)
        : { picture: await takePicture(/** @type {Source} */ (source)) }),
    });
    const { logits, ...answer } = await this.#gradients.run(prepare, signal, onProgress).catch(refuse);
    return { of: checked.of, label: labels[answer.index], ...answer };
  }

  /** @returns {Promise<Blob>} */
  async modelFile() {
    if (this.#disposed) throw disposedError();
    return withPlainNames(await this.#worker.file.get(), workerOf(this.#settings), this.#settings.files.wasm);
  }

  /** @returns {Promise<void>} */
  async dispose() {
    this.#disposed = true;
    const error = disposedError();
    this.#gradients.stop(error);
    const stopped = this.#worker.stop(error);
    this.#worker.file.blob = null;
    this.#ready = { ...this.#ready, memory: { wasm: 0, gpu: 0 } };
    this.#queue.clear(error);
    await stopped;
  }

  /** @returns {Promise<void>} */
  async [Symbol.asyncDispose]() {
    return this.dispose();
  }

  /**
   * Queues a call. Its input is captured from the page at once.
   * @template {keyof Answers} M
   * @param {AbortSignal | undefined} signal
   * @param {() => Promise<CallOf<M>>} prepare
   * @returns {Promise<Answers[M]>}
   */
  #enqueue(signal, prepare) {
    this.#refuseCalls(signal);
    return this.#queue.run(prepare, (call) => this.#send(call), signal).catch(refuse);
  }

  /**
   * Throws if calls are no longer possible.
   * @param {AbortSignal | undefined} signal
   */
  #refuseCalls(signal) {
    if (this.#disposed) throw disposedError();
    if (signal?.aborted) throw aborted(signal);
  }

  /**
   * @template {keyof Answers} M
   * @param {CallOf<M>} call
   * @returns {Promise<Answers[M]>}
   */
  async #send(call) {
    try {
      const { answer, memory } = await this.#worker.call(call);
      this.#ready.memory = memory;
      return answer;
    } finally {
      // After a crash: starts the next worker before the next call asks for it. If that fails, the next
      // call tries again, and reports why.
      this.#usableWorker().catch(() => {});
    }
  }

  /** @param {WorkerClient} worker */
  #listenTo(worker) {
    worker.onBackend = ({ backend, memory }) => {
      this.#ready = { ...this.#ready, backend, memory };
      this.#announce();
    };
    return worker;
  }

  /** Tells the page that the backend changed. An exception of its listener is rethrown outside of this call. */
  #announce() {
    try {
      this.#settings.onBackend?.(this.backend);
    } catch (error) {
      reportError(error);
    }
  }

  /** Resolves when the worker can take a call: after a crash, when a new one has replaced it. */
  async #usableWorker() {
    if (!this.#worker.usable && !this.#disposed) {
      this.#revival ??= this.#revive().finally(() => (this.#revival = null));
    }
    await this.#revival; // also while the calls of the last worker go first
  }

  /**
   * Starts a new worker, which takes over the unanswered calls. If the crashed worker had fallen back to the CPU, its
   * replacement stays on the CPU.
   */
  async #revive() {
    const { kind, reason } = this.#ready.backend;
    const former = this.#worker;
    const begin = () => {
      if (this.#disposed) throw disposedError();
      return (this.#worker = this.#listenTo(newWorker(this.#settings, this.#worker)));
    };
    try {
      const loading = startEngine(begin, () => ({
        ...loadMessage(this.#settings, true),
        ...(kind === 'cpu' && { backend: kind }),
      }));
      const [ready] = await Promise.all([loading, former.ended]);
      this.#worker.takeOver(former);
      this.#ready = kind === 'cpu'
        ? { ...ready, backend: { ...ready.backend, reason: reason ?? ready.backend.reason } }
        : ready;
    } catch (error) {
      former.stop(error);
      this.#worker.stop(error);
      throw error;
    }
    this.#announce();
  }
}

const disposedError = () => failure('Disposed', 'this classifier was disposed: load another one');

/**
 * Rejects a call. An error without one of the library's names comes from the browser, and is about an argument.
 * @param {unknown} error
 * @returns {never}
 */
function refuse(error) {
  throw isFailure(error) ? error : failure('InputInvalid', messageOf(error), error);
}

/**
 * @param {Settings} settings
 * @param {WorkerClient} [former] a worker that crashed; if it has sent its model, that is the model from now on
 */
function newWorker(settings, former) {
  settings.model = former?.file.blob ?? settings.model;
  return new WorkerClient(workerOf(settings), settings.files.worker);
}

/**
 * Returns a function that starts a worker.
 * @param {Settings} settings
 * @returns {() => Worker}
 */
const workerOf = ({ files, worker }) => worker ?? (() => startWorker(files));

/**
 * Copies a caller's bytes once: a worker that crashes sends them back.
 * @param {Settings} settings
 * @param {boolean} fallback
 * @returns {LoadMessage}
 */
function loadMessage(settings, fallback) {
  const { files, labels, backend, threads, simulate } = settings;
  const { model } = settings;
  if (!model) throw failure('BackendUnavailable', "the worker ended with the model's bytes: load again");
  const given = model instanceof Uint8Array;
  if (given) settings.model = null;
  return {
    type: 'load',
    version: VERSION,
    wasm: files.wasm,
    model: given ? copyBytes(model) : model,
    labels,
    backend,
    fallback,
    threads,
    simulate,
    trapped: null,
  };
}

/**
 * Frees the resources of a call that is not made after all.
 * @param {Call} call
 */
function closeCall(call) {
  if ('picture' in call) closePicture(call.picture);
  if ('port' in call) call.port.close();
}
