// "None of these": how near a picture is to what was shown, as a direction from the centre of all classes. A head
// that is sure of everything says nothing about strangers; a distance does (SimpleShot, Wang et al. 2019, arXiv
// 1911.04623, has the centring).

import { classMeans } from './discriminant.js';
import { cosine, mean, minus } from './vectors.js';

/** @import { Examples } from './discriminant.js' */

export class Novelty {
  #centre;
  #directions;

  /** @param {Examples} examples */
  constructor(examples) {
    const means = classMeans(examples);
    this.#centre = mean(means);
    this.#directions = means.map((each) => minus(each, this.#centre));
  }

  /**
   * How near a picture is to the nearest class: a cosine, 1 at most.
   * @param {Float32Array} features
   */
  nearness(features) {
    const direction = minus(features, this.#centre);
    return Math.max(...this.#directions.map((each) => cosine(direction, each)));
  }
}
