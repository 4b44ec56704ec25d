/**
 * The frame on display. Every question about it goes through here, so there is at most one in
 * flight, or two of a camera's frames on a GPU; each answer goes into the store.
 *
 * @typedef {import('../types.js').Answer} Answer
 * @typedef {import('../types.js').Classifier} Classifier
 * @typedef {import('../types.js').FeatureMap} FeatureMap
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').LoadOptions} LoadOptions
 * @typedef {import('../types.js').Notice} Notice
 * @typedef {{classifier: Classifier, picture: ImageBitmap, subject: import('../types.js').Subject, current(): boolean}} Held
 *   `current`: whether this classifier is still the one that the page asks.
 * @typedef {import('../device/store.js').Store} Store
 */

import { ClassifierSlot } from './classifier-slot.js';
import { inspect } from './inspect.js';
import { Latest } from './latest.js';
import { cameraOpen, framesAtOnce } from '../text/state.js';
import { SmoothedPredictions } from '../text/smoothed-predictions.js';
import { libraryTrouble } from '../text/messages.js';

export class Lens {
  /** The frame of the last answer, or the frame that waits for an answer. @type {Frame|null} */
  #frame = null;
  #average = new SmoothedPredictions();
  /** Null: the frame on display when it is the request's turn. @type {Latest<Frame|null, boolean>} */
  #requests = new Latest(
    (frame) => this.#answer(frame),
    () => (this.#store.state.phase === 'live' ? framesAtOnce(this.#store.state) : 1),
  );
  #store;
  #slot;
  #ask;

  /**
   * @param {Store} store
   * @param {(options: LoadOptions) => Promise<Classifier>} load `Classifier.load`
   * @param {typeof inspect} [ask] requests the answer about a frame
   */
  constructor(store, load, ask = inspect) {
    this.#store = store;
    this.#ask = ask;
    this.#slot = new ClassifierSlot(store, load, async () => {
      this.resetAverage();
      await this.refresh();
    });
  }

  /** Whether there is a classifier. */
  get usable() {
    return this.#slot.classifier !== null;
  }

  /**
   * Switches to another backend or model as soon as it is loaded.
   * @param {LoadOptions} changes
   * @returns {Promise<boolean>} whether it is in use now
   */
  loadClassifier(changes) {
    return this.#slot.load(changes);
  }

  /**
   * Classifies a frame; a newer one replaces it if it has to wait. Without a model yet, the frame
   * waits for the model.
   * @param {Frame} frame
   * @returns {Promise<boolean>} false after an error
   */
  async show(frame) {
    if (!this.#slot.classifier) {
      this.#keep(frame);
      this.#store.set({ subject: frame.subject });
      return true;
    }
    const answered = await this.#requests.submit(frame);
    if (answered === undefined) release(frame);
    return answered ?? true;
  }

  /** Asks the changed question about the same frame. With a live camera, the next frame will do so. */
  async refresh() {
    if (!this.#frame || !this.usable || this.#store.state.phase === 'live') return;
    if (this.#requests.waiting) return; // a newer frame, which gets the changed question anyway
    await this.#requests.submit(null);
  }

  /**
   * Requests F(x) of one channel for the same frame. The visitor's requests come first.
   * @param {string} block
   * @param {number} channel
   * @returns {Promise<FeatureMap|null|undefined>} null after an error, undefined if another
   *   classifier has taken the place of the one that was asked
   */
  async channel(block, channel) {
    await this.#requests.idle();
    const { classifier } = this.#slot;
    if (!classifier || !this.#frame) return null;
    try {
      const { ablate } = this.#store.state;
      const { taps } = await classifier.classify(this.#frame.source, { topK: 1, taps: [block], reduce: { channel }, ablate });
      return taps?.[0].residual ?? null;
    } catch (error) {
      if (classifier !== this.#slot.classifier) return undefined;
      this.#trouble(error, classifier);
      return null;
    }
  }

  /**
   * Returns a copy of the present frame for a longer request, and the classifier to ask.
   * @returns {Promise<Held|null>} null without a frame or a model
   */
  async hold() {
    const { classifier } = this.#slot;
    if (!classifier || !this.#frame) return null;
    const { source, subject } = this.#frame;
    const picture = await createImageBitmap(source);
    return { classifier, picture, subject, current: () => classifier === this.#slot.classifier };
  }

  /** Forgets earlier frames, because the next one shows something else. */
  resetAverage() {
    this.#average.reset();
  }

  /** @param {string} text what went wrong, and what to do @param {Notice['action']} [action] */
  showError(text, action) {
    const phase = cameraOpen(this.#store.state) ? {} : /** @type {const} */ ({ phase: 'error' });
    this.#store.set({ ...phase, notice: { text, action }, hint: '' });
  }

  /** @param {Frame|null} request @returns {Promise<boolean>} false after an error */
  async #answer(request) {
    const frame = /** @type {Frame} */ (request ?? this.#frame);
    const classifier = /** @type {Classifier} */ (this.#slot.classifier);
    const { settings, phase, ablate, block, closeReduce, closeVisible, evidence } = this.#store.state;
    const live = phase === 'live';
    // The close-up costs a second pass, which a live picture skips while it is out of view.
    const close = block && (closeVisible || !live) ? { block, reduce: closeReduce } : null;
    const cam = evidence ? evidence.index ?? true : false;
    const question = { reduce: settings.reduce, ablate, close, cam };
    const show = (/** @type {Answer} */ answer) => {
      const current = classifier === this.#slot.classifier;
      if (current) this.#present(frame, answer, classifier, live && settings.steady);
      return current;
    };
    // A visit's first answer does not wait for the close-up. Later ones do: their close-up would flicker.
    const early = this.#store.state.answer || live ? undefined : show;
    try {
      const answer = await this.#ask(classifier, frame, question, early);
      return show(answer) || this.#handOn(frame);
    } catch (error) {
      if (classifier !== this.#slot.classifier) return this.#handOn(frame);
      if (frame !== this.#frame) release(frame);
      return this.#trouble(error, classifier);
    }
  }

  /** @param {Frame} frame @param {Answer} answer @param {Classifier} classifier @param {boolean} steady whether to average */
  #present(frame, answer, classifier, steady) {
    const another = frame !== this.#frame && frame.subject.kind === 'picture';
    this.#keep(frame);
    const { predictions, abstained } = answer;
    const shown = steady
      ? this.#average.add(predictions, abstained, performance.now())
      : { predictions, abstained };
    this.#store.set({ backend: classifier.backend, subject: frame.subject, answer: { ...answer, ...shown } });
    this.#settle(another);
  }

  /**
   * Hands a frame on when another engine has replaced the one that was asked: the new one must answer a picture. A
   * camera provides another frame.
   * @param {Frame} frame
   * @returns {true} no error
   */
  #handOn(frame) {
    if (frame === this.#frame) return true;
    const newest = !this.#requests.waiting && !cameraOpen(this.#store.state);
    if (newest && frame.subject.kind === 'picture') this.show(frame);
    else release(frame);
    return true;
  }

  /**
   * An error stays on the page until another picture is answered. A camera's last frame may be
   * answered after what ended the camera.
   * @param {boolean} another
   */
  #settle(another) {
    const { state } = this.#store;
    if (cameraOpen(state)) return;
    if (state.phase !== 'error') this.#store.set({ phase: 'ready' });
    else if (another) this.#store.set({ phase: 'ready', notice: null });
  }

  /**
   * @param {unknown} error
   * @param {Classifier} classifier the one that answered
   * @returns {boolean} whether the error no longer matters
   */
  #trouble(error, classifier) {
    if (classifier !== this.#slot.classifier) return true;
    // Another one is loading; if it succeeds, this error is obsolete.
    if (!this.#store.state.loading) this.showError(libraryTrouble(error));
    return false;
  }

  /** @param {Frame} frame */
  #keep(frame) {
    if (this.#frame && this.#frame.source !== frame.source) release(this.#frame);
    this.#frame = frame;
  }
}

/** Frees what a frame holds outside the heap. @param {Frame} frame */
function release({ source, subject }) {
  if (source instanceof ImageBitmap) source.close();
  if (subject.kind === 'picture') URL.revokeObjectURL(subject.url);
}
