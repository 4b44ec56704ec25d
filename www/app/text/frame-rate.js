/**
 * The frame rate and latency over the last second, or the last two answers
 * if they are further apart.
 *
 * @typedef {import('../types.js').Pace} Pace
 */

const WINDOW_MS = 1000;

export class FrameRate {
  /** When each was taken and answered, ms. @type {{taken: number, answered: number}[]} */
  #frames = [];

  /**
   * @param {number} taken ms
   * @param {number} answered ms, not before those of earlier frames
   * @returns {Pace|null} null until there are two answers
   */
  add(taken, answered) {
    const last = this.#frames.at(-1);
    this.#frames = this.#frames.filter((frame) => frame === last || answered - frame.answered < WINDOW_MS);
    this.#frames.push({ taken, answered });
    const [first] = this.#frames;
    const count = this.#frames.length;
    if (count < 2) return null;
    const late = this.#frames.reduce((sum, frame) => sum + frame.answered - frame.taken, 0);
    return { fps: (1000 * (count - 1)) / (answered - first.answered), latency: late / count };
  }

  reset() {
    this.#frames = [];
  }
}
