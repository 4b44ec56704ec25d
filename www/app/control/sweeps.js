/**
 * Measures which blocks a picture needs: leaves F(x), then the shortcut, out of each block in turn. It is about
 * the whole network and the frame of the click; a camera keeps running.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./lens.js').Held} Held
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Sweep} Sweep
 * @typedef {import('../types.js').SweepState} SweepState
 */

import { libraryTrouble } from '../text/messages.js';

/** Height of the copy of the frame beside the plot, in pixels. */
const THUMBNAIL = 112;

export class Sweeps {
  /** @type {AbortController|null} */
  #running = null;
  #store;
  #lens;

  /** @param {Store} store @param {Lens} lens */
  constructor(store, lens) {
    this.#store = store;
    this.#lens = lens;
  }

  /** Sweeps the present frame; cancels a running sweep. */
  async run() {
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    /** @type {Held|null} */
    let held = null;
    try {
      held = await this.#lens.hold();
      if (held && !running.signal.aborted) await this.#sweep(held, running.signal);
    } catch (error) {
      // A sweep whose classifier was replaced is obsolete.
      const wanted = !running.signal.aborted && (held?.current() ?? true);
      if (!running.signal.aborted) this.#store.set({ sweep: null });
      // The page continues with a new engine, so there is no need to reload.
      if (wanted) this.#store.set({ notice: { text: libraryTrouble(error, false) } });
    } finally {
      held?.picture.close();
    }
  }

  cancel() {
    this.#running?.abort();
    this.#running = null;
    if (this.#store.state.sweep?.running) this.#store.set({ sweep: null });
  }

  /** @param {Held} held @param {AbortSignal} signal */
  async #sweep({ classifier, picture, subject }, signal) {
    const { model } = classifier;
    const count = model.blocks.length;
    const thumbnail = await createImageBitmap(picture, { resizeHeight: THUMBNAIL, resizeQuality: 'medium' });
    const title = subject.kind === 'camera' ? 'the current camera frame' : subject.title;
    this.#store.set({
      sweep: { title, picture: thumbnail, model, done: 0, total: 2 * count, running: true, residual: null, shortcut: null },
    });
    const residual = await classifier.sweep(picture, { path: 'residual', signal, onProgress: ({ done }) => this.#change({ done }, signal) });
    this.#change({ residual, done: count }, signal);
    const onProgress = (/** @type {{done: number}} */ { done }) => this.#change({ done: count + done }, signal);
    const shortcut = await classifier.sweep(picture, { path: 'shortcut', index: residual.index, signal, onProgress });
    this.#change({ shortcut, done: 2 * count, running: false }, signal);
  }

  /** @param {Partial<SweepState>} change @param {AbortSignal} signal of the sweep that it is about */
  #change(change, signal) {
    const { sweep } = this.#store.state;
    if (sweep && !signal.aborted) this.#store.set({ sweep: { ...sweep, ...change } });
  }
}
