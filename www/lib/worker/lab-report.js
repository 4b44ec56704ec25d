// The reports of a lab's worker about a run: selected steps, and the result.

/** @import { Result, Step } from '../../lab.js' */
/** @typedef {import('./wasm/train.js').LabRun} LabRun */

/** The reports about a run while it trains. */
export class Report {
  #run;
  #every;
  #steps;
  #settings;
  #firstLoss = NaN;
  #milliseconds = 0;

  /** Accuracies of the last epoch's batches. @type {number[]} */
  #accuracies = [];

  /** @type {Step | null} */
  #last = null;

  /**
   * @param {LabRun} run
   * @param {number} every
   */
  constructor(run, every) {
    this.#run = run;
    this.#every = every;
    this.#steps = run.steps();
    this.#settings = /** @type {Result['settings']} */ (run.settings());
  }

  /** The last step. */
  get last() {
    return /** @type {Step} */ (this.#last);
  }

  /** Whether a step has been made. */
  get begun() {
    return this.#last !== null;
  }

  get complete() {
    return this.#last?.step === this.#steps;
  }

  /**
   * Makes a step.
   * @param {boolean} asked whether to report it in any case
   * @returns {Step | null} the step, if it is to be reported
   */
  makeStep(asked) {
    const start = performance.now();
    const number = (this.#last?.step ?? 0) + 1;
    const told = asked || number === 1 || number === this.#steps || number % this.#every === 0;
    const step = /** @type {Step} */ (this.#run.step(told));
    // A step that is not measured keeps the earlier measures.
    this.#last = told || !this.#last ? step : { ...step, layers: this.#last.layers };
    if (number === 1) this.#firstLoss = step.loss;
    this.#accuracies.push(step.accuracy);
    if (this.#accuracies.length > this.#steps / this.#settings.epochs) this.#accuracies.shift();
    this.count(start);
    return told ? step : null;
  }

  /** Adds the time since then. @param {number} start */
  count(start) {
    this.#milliseconds += performance.now() - start;
  }

  /**
   * @param {number | null} testAccuracy
   * @returns {Result}
   */
  result(testAccuracy) {
    const { step, loss, layers } = this.last;
    const right = this.#accuracies.reduce((sum, accuracy) => sum + accuracy, 0);
    return {
      trainAccuracy: right / this.#accuracies.length,
      testAccuracy,
      firstLoss: this.#firstLoss,
      lastLoss: loss,
      step,
      steps: this.#steps,
      stopped: testAccuracy === null,
      layers,
      seconds: this.#milliseconds / 1000,
      settings: this.#settings,
    };
  }
}
