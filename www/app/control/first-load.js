/**
 * The classifier that the page's address asks for. It is loaded as soon as `start.js` runs, while the document and
 * the page's own scripts are still loading; the page takes it over later.
 *
 * @typedef {import('../types.js').Backend} Backend
 * @typedef {import('../types.js').LoadOptions} LoadOptions
 * @typedef {import('../types.js').Progress} Progress
 */

import { Classifier } from '../../reslens.js';
import { workerOptions } from '../device/inheriting-worker.js';
import { missingFeatures } from '../device/support.js';
import { readParams } from '../text/params.js';

class FirstLoad {
  #cancel = new AbortController();
  /** The options of the taker. @type {LoadOptions|null} */
  #taker = null;
  /** The last step of each phase, for a taker that comes later. @type {Map<Progress['phase'], Progress>} */
  #steps = new Map();
  #loading;

  /** @param {LoadOptions} options */
  constructor(options) {
    this.#loading = Classifier.load({
      ...options,
      ...workerOptions(),
      signal: this.#cancel.signal,
      onProgress: (step) => {
        this.#steps.set(step.phase, step);
        this.#taker?.onProgress?.(step);
      },
      onBackend: (/** @type {Backend} */ backend) => this.#taker?.onBackend?.(backend),
    });
    this.#loading.catch(() => {}); // reported when the page takes it over
  }

  /** @param {LoadOptions} taker its signal and listeners */
  async take(taker) {
    this.#taker = taker;
    const { signal, onProgress } = taker;
    const cancel = () => this.#cancel.abort(signal?.reason);
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    for (const step of this.#steps.values()) onProgress?.(step);
    try {
      return await this.#loading;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

let first = begin();

function begin() {
  try {
    return missingFeatures().length > 0 ? null : new FirstLoad(readParams(location.search, location.href));
  } catch {
    return null; // the page parses its address itself, and reports what is wrong with it
  }
}

/**
 * Loads a classifier; the first time, takes over the one that is already loading.
 * @param {LoadOptions} options the first time, those of the page's address
 */
export function loadClassifier(options) {
  const begun = first;
  first = null;
  return begun ? begun.take(options) : Classifier.load({ ...options, ...workerOptions() });
}
