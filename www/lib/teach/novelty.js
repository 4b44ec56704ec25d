// "None of these": how near a picture is to what was shown, as a direction from a centre. A head that is sure of
// everything says nothing about strangers; a distance does (SimpleShot, Wang et al. 2019, arXiv 1911.04623, has the
// centring).

import { classMeans, equallyLong } from './discriminant.js';
import { cosine, mean, minus, scaled } from './vectors.js';

/** @import { Examples } from './discriminant.js' */
/** @import { Vector } from './vectors.js' */

/**
 * Where the centre lies on the way from 0 to the mean of the classes. That of all pictures would be best; a few classes'
 * own is so near to them that strangers, which lie elsewhere, seem near as well.
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
   * How near a picture is to the nearest class: a cosine, 1 at most.
   * @param {Vector} features
   */
  nearness(features) {
    const direction = minus(scaled(features, this.#size), this.#centre);
    return Math.max(...this.#directions.map((each) => cosine(direction, each)));
  }
}
