/** The measured statistics of the blocks over the last seconds of a live picture. */

/** @typedef {import('../types.js').BlockStats} BlockStats */

/** How far back the lines go, ms. */
export const WINDOW_MS = 10_000;

export class History {
  /** The oldest first. @type {{time: number, stats: BlockStats[]}[]} */
  #frames = [];

  /** @param {number} time ms, not before those of earlier frames @param {BlockStats[]} stats of all blocks */
  add(time, stats) {
    this.#frames.push({ time, stats });
    const old = this.#frames.findIndex((frame) => time - frame.time <= WINDOW_MS);
    this.#frames.splice(0, old);
  }

  clear() {
    this.#frames = [];
  }

  /**
   * Returns one number of one block, frame by frame.
   * @param {number} block its index
   * @param {'ratio'|'cosine'|'clipped'} key
   * @param {number} now ms
   * @returns {{x: number, y: number|null}[]} x: 0 where the window begins, 1 now
   */
  line(block, key, now) {
    return this.#frames.map(({ time, stats }) => ({ x: 1 - (now - time) / WINDOW_MS, y: stats[block]?.[key] ?? null }));
  }
}
