// One thread of the pool: a worker that runs one of rayon's threads until it is terminated.

import { messageOf, record } from '../shared/errors.js';
import { crash, listenForPanics } from './panic.js';

/** @import { FromThread, ThreadStart } from '../shared/threads.js' */

/**
 * The part of an engine's JavaScript that a thread needs.
 * @typedef {object} ThreadGlue
 * @property {(parts: {module_or_path: WebAssembly.Module, memory: WebAssembly.Memory}) => Promise<unknown>} default
 * @property {() => void} runThread
 */

/** @param {FromThread} message */
const tell = (message) => self.postMessage(message);

/**
 * Makes this worker a thread.
 * @param {ThreadStart} start
 * @param {Record<string, () => any>} glues create the engines' JavaScript
 */
export async function becomeThread({ file, module, memory }, glues) {
  listenForPanics();
  const glue = /** @type {ThreadGlue} */ (glues[file]());
  try {
    await glue.default({ module_or_path: module, memory });
  } catch (error) {
    return tell({ type: 'refused', why: messageOf(error) });
  }
  tell({ type: 'waiting' });
  try {
    glue.runThread();
  } catch (error) {
    tell({ type: 'crashed', error: record(crash(error)) });
  }
}
