/**
 * The classifier and the frame that it looks at. Every question goes through here, so there is one
 * in flight at most; each answer goes into the store.
 *
 * @typedef {import('./types.js').Classifier} Classifier
 * @typedef {import('./types.js').Frame} Frame
 * @typedef {import('./store.js').Store} Store
 */

import { inspect } from './inspect.js';
import { Latest } from './latest.js';
import { firstCloseup } from './network.js';
import { Steady } from './steady.js';
import { libraryTrouble } from './words.js';

export class Lens {
  /** @type {Classifier|null} */
  #classifier = null;
  /** The frame of the last answer, or the one that waits for the model. @type {Frame|null} */
  #frame = null;
  #steady = new Steady();
  /** @type {AbortController|null} */
  #loading = null;
  /** @type {Latest<Frame>} */
  #requests = new Latest((frame) => this.#answer(frame));
  #store;
  #load;

  /**
   * @param {Store} store
   * @param {(options: import('./types.js').LoadOptions) => Promise<Classifier>} load `Classifier.load`
   */
  constructor(store, load) {
    this.#store = store;
    this.#load = load;
  }

  /**
   * Loads a model beside the present one and takes its place. If that fails, the present one stays.
   * A newer load aborts an older one.
   * @param {import('./types.js').LoadOptions} options
   * @returns {Promise<boolean>} whether it is in place
   */
  async use(options) {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#store.set({ phase: 'loading', progress: new Map(), notice: null });
    try {
      const classifier = await this.#load({
        ...options,
        signal: loading.signal,
        onProgress: (/** @type {import('./types.js').Progress} */ step) => {
          if (loading.signal.aborted) return;
          const progress = new Map(this.#store.state.progress).set(step.phase, step);
          this.#store.set({ progress });
        },
        onBackend: (/** @type {import('./types.js').Backend} */ backend) => {
          if (this.#classifier === classifier) this.#store.set({ backend });
        },
      });
      await this.#replace(classifier);
    } catch (error) {
      if (loading.signal.aborted) return false;
      this.fail(libraryTrouble(error));
      return false;
    }
    if (this.#frame) await this.look(this.#frame);
    return true;
  }

  /** @param {Classifier} classifier */
  async #replace(classifier) {
    const former = this.#classifier;
    this.#classifier = classifier;
    const { model, backend } = classifier;
    this.#steady.reset();
    this.#store.set({
      model,
      backend,
      phase: this.#frame ? 'loading' : 'ready',
      answer: null,
      ablate: [],
      block: firstCloseup(model.blocks),
      closeReduce: { channel: 0 },
      pointed: null,
    });
    await former?.dispose();
  }

  /**
   * Looks at a frame; a newer one replaces it if it has to wait. Without a model yet, the frame
   * waits for it.
   * @param {Frame} frame
   */
  async look(frame) {
    if (this.#classifier) return this.#requests.submit(frame);
    this.#keep(frame);
    this.#store.set({ subject: frame.subject });
  }

  /** Asks the changed question about the same frame. A live picture brings its next frame instead. */
  async again() {
    if (!this.#frame || !this.#classifier || this.#store.state.phase === 'live') return;
    await this.#requests.submit(this.#frame);
  }

  /** Forgets earlier frames: what comes next shows something else. */
  cut() {
    this.#steady.reset();
  }

  /** @param {string} text what went wrong, and what to do */
  fail(text) {
    const live = this.#store.state.phase === 'live';
    this.#store.set({ notice: { text }, hint: '', phase: live ? 'live' : 'error' });
  }

  /** @param {Frame} frame */
  async #answer(frame) {
    const classifier = /** @type {Classifier} */ (this.#classifier);
    const { settings, ablate, block, closeReduce, closeVisible } = this.#store.state;
    const live = this.#store.state.phase === 'live';
    // The close-up costs a second pass: spared in a live picture while nobody sees it.
    const close = block && (closeVisible || !live) ? { block, reduce: closeReduce } : null;
    const question = { reduce: settings.reduce, ablate, close };
    try {
      const answer = await inspect(classifier, frame, question);
      if (classifier !== this.#classifier) return;
      this.#keep(frame);
      const { predictions, abstained } = answer;
      const shown = live && settings.steady
        ? this.#steady.add(predictions, abstained, performance.now())
        : { predictions, abstained };
      this.#store.set({ subject: frame.subject, answer: { ...answer, ...shown } });
      if (frame.subject.kind === 'picture') this.#store.set({ phase: 'ready', notice: null, hint: '' });
    } catch (error) {
      if (frame !== this.#frame) release(frame);
      if (classifier === this.#classifier) this.fail(libraryTrouble(error));
    }
  }

  /** @param {Frame} frame */
  #keep(frame) {
    if (this.#frame && this.#frame.source !== frame.source) release(this.#frame);
    this.#frame = frame;
  }
}

/** Gives back what a frame holds outside the heap. @param {Frame} frame */
function release({ source, subject }) {
  if (source instanceof ImageBitmap) source.close();
  if (subject.kind === 'picture') URL.revokeObjectURL(subject.url);
}
