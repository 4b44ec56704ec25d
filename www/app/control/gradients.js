/**
 * Asks for the gradient of the present frame as long as somebody looks: of the network whole, and as it is cut. The
 * newest frame wins: while one is computed, others pass. The camera's answers do not wait for it.
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

export class GradientRuns {
  #running = false;
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
    if (this.#running || !isWanted(this.#store.state)) return;
    this.#running = true;
    try {
      while (isWanted(this.#store.state) && (await this.#answer()));
    } finally {
      this.#running = false;
    }
  }

  /** Answers about one frame. @returns {Promise<boolean>} false where there is no frame */
  async #answer() {
    const { answer, block, ablate, phase } = this.#store.state;
    const taken = performance.now();
    const held = await this.#lens.hold();
    if (!answer || !block || !held) return false;
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
      if (current()) this.#show({ answer, block, cuts: ablate, whole, cut, exact: cam?.total ?? null, pace });
      return true;
    } catch (error) {
      // One whose classifier was replaced is about nothing any more.
      if (!current()) return true;
      this.#change({ on: false, found: null });
      this.#store.set({ notice: { text: libraryTrouble(error, false) } });
      return false;
    } finally {
      picture.close();
    }
  }

  /** @param {GradientFound} found */
  #show(found) {
    this.#change({ progress: null, found: this.#store.state.gradient.on ? found : null });
  }

  /** @param {Partial<GradientState>} change */
  #change(change) {
    this.#store.set({ gradient: { ...this.#store.state.gradient, ...change } });
  }
}

/** Whether what is shown is not about the present frame, block and cuts, and somebody looks. @param {State} state */
function isWanted({ gradient: { on, seen, found }, answer, block, ablate, loading }) {
  if (!on || !seen || document.hidden || loading || !answer || !block) return false;
  return found?.answer.subject !== answer.subject || found.block !== block || found.cuts !== ablate;
}
