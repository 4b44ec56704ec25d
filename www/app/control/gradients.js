/**
 * Computes the gradient of the present frame while it is visible, for the whole network and for the network as cut. The
 * newest frame wins: while one is computed, others are skipped. The camera's answers do not wait for it.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').GradientFound} GradientFound
 * @typedef {import('../types.js').GradientState} GradientState
 * @typedef {import('../types.js').Progress} Progress
 * @typedef {import('../types.js').State} State
 */

import { FrameRate } from '../text/frame-rate.js';
import { libraryTrouble } from '../text/messages.js';

/**
 * With a live camera it rests for this many times as long as it has worked. On two cores, both of which the
 * classifier uses, that leaves the camera four fifths of its rate.
 */
const REST = 2;

export class GradientRuns {
  #running = false;
  #restsUntil = 0;
  #rate = new FrameRate();
  #store;
  #lens;

  /** @param {Store} store @param {Lens} lens */
  constructor(store, lens) {
    this.#store = store;
    this.#lens = lens;
    store.onDraw(() => this.#follow());
  }

  async #follow() {
    const { state } = this.#store;
    if (this.#running || !isWanted(state) || this.#rests(state)) return;
    this.#running = true;
    try {
      await this.#answer();
    } finally {
      this.#running = false;
    }
  }

  /** Whether it leaves the CPU to the camera for now. Changes by the visitor are answered at once. @param {State} state */
  #rests({ phase, block, ablate, gradient: { found } }) {
    return phase === 'live' && performance.now() < this.#restsUntil && found?.block === block && found.cuts === ablate;
  }

  /** Computes the gradients of one frame, if there is one. */
  async #answer() {
    const { answer, block, ablate, phase } = this.#store.state;
    const taken = performance.now();
    const held = await this.#lens.hold();
    if (!answer || !block || !held) return;
    const { classifier, picture, current } = held;
    try {
      const maps = [block];
      const onProgress = (/** @type {Progress} */ progress) => this.#change({ progress });
      const whole = await classifier.gradients(picture, { maps, onProgress });
      const cut = ablate.length > 0 ? await classifier.gradients(picture, { maps, ablate, index: whole.index }) : null;
      const isLast = block === classifier.model.blocks.at(-1)?.name;
      const { cam } = isLast ? await classifier.classify(picture, { topK: 1, cam: whole.index, ablate }) : { cam: null };
      if (phase !== 'live') this.#rate.reset();
      const pace = this.#rate.add(taken, performance.now());
      if (current()) this.#give({ answer, block, cuts: ablate, whole, cut, exact: cam?.total ?? null, pace });
    } catch (error) {
      // If its classifier was replaced, the result is obsolete.
      if (!current()) return;
      this.#change({ on: false, found: null });
      this.#store.set({ notice: { text: libraryTrouble(error, false) } });
    } finally {
      const now = performance.now();
      this.#restsUntil = now + REST * (now - taken);
      picture.close();
    }
  }

  /** Sets what the visitor chooses and sees. @param {Partial<Pick<GradientState, 'on'|'seen'|'overlay'>>} change */
  show(change) {
    this.#change(change);
    if (!this.#store.state.gradient.on) this.#change({ found: null });
  }

  /** @param {GradientFound} found */
  #give(found) {
    this.#change({ progress: null, found: this.#store.state.gradient.on ? found : null });
  }

  /** @param {Partial<GradientState>} change */
  #change(change) {
    this.#store.set({ gradient: { ...this.#store.state.gradient, ...change } });
  }
}

/** Whether the visible gradient is not that of the present frame, block and cuts. @param {State} state */
function isWanted({ gradient: { on, seen, found }, answer, block, ablate, loading }) {
  if (!on || !seen || document.hidden || loading || !answer || !block) return false;
  return found?.answer.subject !== answer.subject || found.block !== block || found.cuts !== ablate;
}
