/**
 * The bundled network on one picture: what each path of its blocks contributes, and its answer without F(x)
 * of each block. It is fetched and loaded when that part of the page is reached.
 *
 * @typedef {import('../lab-types.js').RealNetwork} RealNetwork
 */

import { Classifier } from '../../reslens.js';
import { workerOptions } from '../device/inheriting-worker.js';

const PICTURE = { file: 'samples/coffee.jpg', title: 'the cup of coffee' };

/** @param {(real: RealNetwork) => void} show called with the results so far */
export async function askRealNetwork(show) {
  const classifier = await Classifier.load(workerOptions());
  try {
    const response = await fetch(PICTURE.file);
    if (!response.ok) throw new Error(`${PICTURE.file} could not be fetched (status ${response.status})`);
    const picture = await response.blob();
    const { stats = [] } = await classifier.classify(picture, { stats: 'all' });
    /** @type {RealNetwork} */
    const real = { picture: PICTURE.title, model: classifier.model, stats, sweep: null, done: 0 };
    show(real);
    const sweep = await classifier.sweep(picture, { path: 'residual', onProgress: ({ done }) => show({ ...real, done }) });
    show({ ...real, sweep, done: sweep.blocks.length });
  } finally {
    await classifier.dispose();
  }
}
