// "None of these": how near a picture is to the examples, as a direction from a centre. A head that is sure of
// everything says nothing about strangers; a distance does. The centring follows SimpleShot (Wang et al. 2019,
// arXiv 1911.04623).

import { classMeans, equallyLong } from './discriminant.js';
import { cosine, mean, minus, scaled } from './vectors.js';

/** @import { Examples } from './discriminant.js' */
/** @import { Vector } from './vectors.js' */

/**
 * The position of the centre between 0 and the mean of the classes. The mean of all pictures would be best; the mean of
 * a few classes is so near to them that strangers, which are elsewhere, seem near as well.
 */
const SHARE = 0.5;

export class Novelty {
  #size;
  #centre;
  #directions;

  /** @param {Examples} shown */
  constructor(shown) {
    const examples = equallyLong(shown);
    const means = classMeans(examples);
    this.#size = examples.size;
    this.#centre = mean(means).map((value) => SHARE * value);
    this.#directions = means.map((each) => minus(each, this.#centre));
  }

  /**
   * Returns how near a picture is to the nearest class: a cosine, at most 1.
   * @param {Vector} features
   */
  nearness(features) {
    const direction = minus(scaled(features, this.#size), this.#centre);
    return Math.max(...this.#directions.map((each) => cosine(direction, each)));
  }
}
