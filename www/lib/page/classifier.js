// The public class. It owns a worker, keeps calls in order, and replaces a worker that crashed.

import { EngineWorker } from './worker-client.js';
import { aborted, failure, isFailure, messageOf } from '../shared/errors.js';
import { checkCallOptions, checkLoadOptions, checkTensor } from './options.js';
import { dropPicture } from '../shared/protocol.js';
import { takePicture } from './sources.js';

/** @import { Call, LoadMessage, ReadyMessage } from '../shared/protocol.js' */
/** @typedef {ReturnType<typeof checkLoadOptions>} Settings */

/**
 * Calls that the worker has at a time. While a GPU computes one, the next is on its way to it; the CPU's
 * engine computes in the worker itself, where a second call would only wait.
 */
const IN_FLIGHT = { webgpu: 2, cpu: 1 };

export class Classifier {
  #settings;
  #engine;
  #ready;
  #disposed = false;

  /** The last call's turn to be sent: the next one is sent after it. */
  #turn = Promise.resolve();

  /**
   * The calls that the worker has, in their order: each settles with its answer.
   * @type {Set<Promise<void>>}
   */
  #inFlight = new Set();

  /**
   * Rejects the calls that are not answered yet.
   * @type {Set<(error: unknown) => void>}
   */
  #open = new Set();

  /**
   * A fresh worker on its way, after a crash.
   * @type {Promise<void> | null}
   */
  #revival = null;

  /** @param {any} [options] */
  static async load(options = {}) {
    const settings = checkLoadOptions(options);
    const { signal, onProgress } = settings;
    if (signal?.aborted) throw aborted(signal);
    const engine = new EngineWorker(workerUrl(settings));
    const abort = () => signal && engine.stop(aborted(signal));
    signal?.addEventListener('abort', abort);
    try {
      const message = loadMessage(settings, settings.backend === 'auto');
      return new Classifier(settings, engine, await engine.load(message, onProgress));
    } catch (error) {
      engine.stop(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Not public: `Classifier.load` is.
   * @param {Settings} settings
   * @param {EngineWorker} engine
   * @param {ReadyMessage} ready
   */
  constructor(settings, engine, ready) {
    this.#settings = settings;
    this.#engine = this.#listenTo(engine);
    this.#ready = ready;
  }

  /** @param {EngineWorker} engine */
  #listenTo(engine) {
    engine.onBackend = ({ backend, memory }) => {
      this.#ready = { ...this.#ready, backend, memory };
      this.#announce();
    };
    return engine;
  }

  /** Tells that the backend changed. What a listener throws is the page's own trouble. */
  #announce() {
    try {
      this.#settings.onBackend?.(this.backend);
    } catch (error) {
      reportError(error);
    }
  }

  get backend() {
    const { backend, memory } = this.#ready;
    return { ...backend, requested: this.#settings.backend, memory: { ...memory } };
  }

  get model() {
    return this.#ready.model;
  }

  /**
   * @param {any} source
   * @param {any} [options]
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
   * @param {any} source
   * @param {any} [options]
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
   * @param {any} [options]
   */
  async logits(input, options = {}) {
    const checked = checkCallOptions(options);
    const { inputSize } = /** @type {{inputSize: number}} */ (this.#ready.model);
    return this.#enqueue(checked.signal, async () => ({
      method: 'logits',
      ...checkTensor(input, options, inputSize),
      options: checked.options,
    }));
  }

  async dispose() {
    this.#disposed = true;
    const error = gone();
    const stopped = this.#engine.stop(error);
    this.#ready = { ...this.#ready, memory: { wasm: 0, gpu: 0 }, file: new Blob() };
    for (const reject of this.#open) reject(error);
    await stopped;
  }

  /**
   * Gives a call its place in the order. What it needs is taken from the page at once; a call that
   * cannot be made is rejected at once, too, and the others keep their order.
   * @param {AbortSignal | undefined} signal
   * @param {() => Promise<Call>} prepare
   * @returns {Promise<any>}
   */
  #enqueue(signal, prepare) {
    if (this.#disposed) throw gone();
    if (signal?.aborted) throw aborted(signal);
    const prepared = prepare();
    return new Promise((resolve, reject) => {
      let end = () => {};
      /** @type {Promise<void>} */
      const closed = new Promise((resolve) => (end = resolve));
      const close = () => {
        this.#open.delete(fail);
        signal?.removeEventListener('abort', abort);
        end();
      };
      const fail = (/** @type {unknown} */ error) => {
        close();
        reject(isFailure(error) ? error : failure('InputInvalid', messageOf(error), error));
      };
      const abort = () => signal && fail(aborted(signal));
      this.#open.add(fail);
      signal?.addEventListener('abort', abort);
      prepared.catch(fail);

      const send = async () => {
        const call = await Promise.race([prepared, closed]);
        if (this.#open.has(fail)) await this.#room();
        const engine = this.#open.has(fail) && (await this.#usableEngine());
        if (!call || !engine || !this.#open.has(fail)) {
          prepared.then(drop, () => {}); // a source that never loads does not hold up the next call
          return;
        }
        const answered = engine
          .call(call)
          .then(({ answer, memory }) => {
            this.#ready.memory = memory;
            close();
            resolve(answer);
          })
          .catch(fail)
          .then(() => {
            this.#inFlight.delete(answered);
            this.#recover();
          });
        this.#inFlight.add(answered);
      };
      this.#turn = this.#turn.then(send).catch(fail);
    });
  }

  /** Waits until the worker may have another call. */
  async #room() {
    while (this.#inFlight.size >= IN_FLIGHT[this.#ready.backend.kind]) {
      const [oldest] = this.#inFlight;
      await oldest;
    }
  }

  /** The worker, or a fresh one if it crashed. */
  async #usableEngine() {
    if (!this.#engine.usable && !this.#disposed) {
      this.#revival ??= this.#revive().finally(() => (this.#revival = null));
    }
    await this.#revival; // also while the calls of the last worker go before
    return this.#engine;
  }

  /**
   * A fresh worker does without a GPU that the last one did without. It takes over the calls that the
   * crash left.
   */
  async #revive() {
    const { kind, reason } = this.#ready.backend;
    const former = this.#engine;
    const engine = this.#listenTo(new EngineWorker(workerUrl(this.#settings)));
    this.#engine = engine;
    try {
      const loading = engine.load({
        ...loadMessage(this.#settings, true),
        ...(kind === 'cpu' && { backend: kind }),
        model: this.#ready.file,
      });
      const [ready] = await Promise.all([loading, former.ended]);
      engine.takeOver(former);
      this.#ready = kind === 'cpu' ? { ...ready, backend: { ...ready.backend, reason } } : ready;
    } catch (error) {
      former.stop(error);
      engine.stop(error);
      throw error;
    }
    this.#announce();
  }

  /** After a crash: starts the next worker before the next call asks for it. */
  #recover() {
    this.#usableEngine().catch(() => {}); // the next call tries again, and reports what it meets
  }
}

const gone = () => failure('Disposed', 'this classifier was disposed: load another one');

/** @param {Settings} settings */
const workerUrl = ({ assets }) => new URL('worker.js', assets);

/**
 * @param {Settings} settings
 * @param {boolean} fallback
 * @returns {LoadMessage}
 */
const loadMessage = ({ model, backend, threads, simulate }, fallback) => ({
  type: 'load',
  model,
  backend,
  fallback,
  threads,
  simulate,
});

/**
 * Frees what a call holds that is not made after all.
 * @param {Call} call
 */
function drop(call) {
  if (call.method !== 'logits') dropPicture(call.picture);
}
