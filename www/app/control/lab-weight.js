/**
 * A small plain network that takes one step at a time, and the course of one of its weights.
 *
 * @typedef {import('../lab-types.js').Lab} Lab
 * @typedef {import('../lab-types.js').OneWeight} OneWeight
 * @typedef {import('../lab-types.js').Run} Run
 */

import { ONE_WEIGHT } from '../text/lab-story.js';

/** The number of steps to keep. */
const KEPT = 8;

/** The index of the middle one of the 3×3 weights between the first two channels. */
const INDEX = 4;

/** @returns {OneWeight} */
export const firstWeight = () => ({ layer: 2, index: INDEX, steps: [], losses: [], ended: false });

export class OneWeightRun {
  /** @type {Run|null} */
  #run = null;
  #open;
  #show;
  #shown;

  /**
   * @param {() => Promise<Lab>} open
   * @param {(weight: OneWeight) => void} show
   * @param {() => OneWeight} shown
   */
  constructor(open, show, shown) {
    this.#open = open;
    this.#show = show;
    this.#shown = shown;
  }

  /** Takes a step, and follows the weight through it. */
  async advance() {
    const run = (this.#run ??= await this.#begin());
    const { steps: former, losses: known, ...weight } = this.#shown();
    const losses = known.length > 0 ? known : [(await run.evaluate()).loss];
    const { step, steps } = await run.advance();
    const followed = await run.follow(weight);
    const { loss } = await run.evaluate();
    if (run !== this.#run) return;
    this.#show({ ...weight, steps: [...former, followed].slice(-KEPT), losses: [...losses, loss].slice(-KEPT - 1), ended: step === steps });
  }

  async #begin() {
    const run = (await this.#open()).train(ONE_WEIGHT, { hold: true });
    // Errors are reported by the call that they occurred in.
    run.done.catch(() => undefined);
    return run;
  }

  /** Follows a weight of another convolution, from the beginning. @param {number} layer */
  choose(layer) {
    this.#run?.dispose();
    this.#run = null;
    this.#show({ ...firstWeight(), layer });
  }
}
