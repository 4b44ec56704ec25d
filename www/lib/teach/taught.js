// A learnt classifier: a head on the classifier's features, with its calibration.

import { failure, show } from '../shared/errors.js';
import { softmax } from './calibration.js';
import { logits } from './discriminant.js';
import { exportModel } from './model-export.js';

/**
 * @import { Classification, Classifier, ClassifyOptions, Prediction, Source } from '../../reslens.js'
 * @import { Calibration } from './calibration.js'
 * @import { Head } from './discriminant.js'
 * @import { Novelty } from './novelty.js'
 */

/** How many predictions an answer has by default. */
const TOP_K = 5;

/** The class that `teach.d.ts` declares and describes. */
export class Taught {
  #classifier;
  #head;
  #novelty;
  #calibration;
  #card;
  #labels;

  /**
   * Not public: use `Teacher.learn`.
   * @param {Classifier} classifier
   * @param {object} learnt
   * @param {readonly string[]} learnt.labels
   * @param {Head} learnt.head
   * @param {Novelty | null} learnt.novelty null: nothing is "none of these"
   * @param {Calibration} learnt.calibration
   * @param {string} learnt.card
   */
  constructor(classifier, { labels, head, novelty, calibration, card }) {
    this.#classifier = classifier;
    this.#labels = labels;
    this.#head = head;
    this.#novelty = novelty;
    this.#calibration = calibration;
    this.#card = card;
  }

  /** @returns {readonly string[]} */
  get labels() {
    return this.#labels;
  }

  /**
   * @param {Float32Array} features
   * @returns {{predictions: Prediction[], none: boolean}}
   */
  predict(features) {
    const width = this.#head.weights[0].length;
    if (!(features instanceof Float32Array) || features.length !== width) {
      const found = features instanceof Float32Array ? `${features.length}` : show(features);
      throw failure('InputInvalid', `features: expected a Float32Array of ${width} values, found ${found}`);
    }
    const values = logits(this.#head, features);
    const probabilities = softmax(values, this.#calibration.temperature);
    const predictions = this.#labels.map((label, index) => ({
      index, label, probability: probabilities[index], logit: values[index],
    }));
    predictions.sort((a, b) => b.logit - a.logit);
    const none = this.#novelty !== null && this.#novelty.nearness(features) < this.#calibration.nearEnough;
    return { predictions, none };
  }

  /**
   * @param {Source} source
   * @param {ClassifyOptions} [options]
   * @returns {Promise<Classification & {none: boolean}>}
   */
  async classify(source, options = {}) {
    const { topK = Math.min(TOP_K, this.#labels.length), cam, ...others } = options;
    if (cam !== undefined && cam !== false) {
      throw failure('InputInvalid', 'cam: expected false, found a class, which the loaded network does not have: load toModel()');
    }
    if (!(Number.isInteger(topK) && topK >= 1 && topK <= this.#labels.length)) {
      throw failure('InputInvalid', `topK: expected a whole number from 1 to ${this.#labels.length}, found ${show(topK)}`);
    }
    const answer = await this.#classifier.classify(source, { ...others, features: true });
    const { predictions, none } = this.predict(/** @type {Float32Array} */ (answer.features));
    const abstained = predictions[0].probability < this.#calibration.abstainBelow;
    return { ...answer, predictions: predictions.slice(0, topK), abstained, none };
  }

  /**
   * @param {{dtype?: 'F16' | 'F32'}} [options]
   * @returns {Promise<Blob>}
   */
  async toModel({ dtype } = {}) {
    if (dtype !== undefined && dtype !== 'F16' && dtype !== 'F32') {
      throw failure('InputInvalid', `dtype: expected 'F16' or 'F32', found ${show(dtype)}`);
    }
    const { temperature, abstainBelow } = this.#calibration;
    const { architecture } = this.#classifier.model;
    const answers = { labels: this.#labels, head: this.#head, temperature, abstainBelow, architecture, card: this.#card };
    return exportModel(await this.#classifier.modelFile(), answers, dtype);
  }
}
