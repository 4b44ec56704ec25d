/**
 * Averages live probabilities over frames, so that labels do not flicker: an exponential mean whose
 * weight depends on the time between frames, not on their number.
 *
 * @typedef {import('../types.js').Prediction} Prediction
 */

/** Time after which an old answer weighs 1/e. */
const MEMORY_MS = 350;

export class SmoothedPredictions {
  /** By index of the label. @type {Map<number, Prediction>} */
  #mean = new Map();
  #abstained = 0;
  #time = 0;

  /**
   * @param {Prediction[]} predictions of all labels, one frame's
   * @param {boolean} abstained
   * @param {number} now ms
   * @returns {{predictions: Prediction[], abstained: boolean}} sorted by probability
   */
  add(predictions, abstained, now) {
    const keep = this.#mean.size > 0 ? Math.exp(-(now - this.#time) / MEMORY_MS) : 0;
    this.#time = now;
    this.#abstained = blend(this.#abstained, Number(abstained), keep);
    for (const prediction of predictions) {
      const before = this.#mean.get(prediction.index) ?? prediction;
      this.#mean.set(prediction.index, {
        ...prediction,
        probability: blend(before.probability, prediction.probability, keep),
        logit: blend(before.logit, prediction.logit, keep),
      });
    }
    const sorted = [...this.#mean.values()].sort((a, b) => b.probability - a.probability);
    return { predictions: sorted, abstained: this.#abstained > 0.5 };
  }

  /** Forgets earlier frames, for another subject or another network. */
  reset() {
    this.#mean.clear();
    this.#abstained = 0;
  }
}

/** @param {number} before @param {number} now @param {number} keep weight of `before` in [0, 1] */
function blend(before, now, keep) {
  return keep * before + (1 - keep) * now;
}
