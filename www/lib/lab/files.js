// The addresses of the lab's files, each written out as `page/files.js` explains.

import { absolute, locateAmong } from '../page/files.js';

/** @import { Files } from '../page/files.js' */

/** @typedef {Files & {digits: string}} LabFiles the digits' absolute URL beside the library's files */

/**
 * Finds the lab's files.
 * @param {URL | null} assets their folder; null: beside the library
 * @returns {LabFiles} throws `BackendUnavailable` if their addresses are unknown
 */
export const locate = (assets) => locateAmong(assets, inFolder, beside);

/** @param {URL} folder @returns {LabFiles} */
function inFolder(folder) {
  const at = (/** @type {string} */ name) => new URL(name, folder).href;
  return {
    worker: at('worker.js'),
    wasm: { 'reslens-train': at('reslens-train.wasm') },
    digits: at('lab/digits.bin'),
    inFolder: true,
  };
}

/** @returns {LabFiles} */
const beside = () => ({
  worker: absolute(new URL('./worker.js', import.meta.url)),
  wasm: { 'reslens-train': absolute(new URL('./reslens-train.wasm', import.meta.url)) },
  digits: absolute(new URL('./lab/digits.bin', import.meta.url)),
  inFolder: false,
});
