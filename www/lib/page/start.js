// The start of an engine. Browsers' wasm compilers have occasional bugs, so an engine that traps while loading is
// started once more, in another worker and with the plainest file, before the error is reported.

import { messageOf } from '../shared/errors.js';

/** @import { Progress } from '../../reslens.js' */
/** @import { LoadMessage, ReadyMessage } from '../shared/protocol.js' */
/** @import { WorkerClient } from './worker-client.js' */

/**
 * Loads a worker's engines; if they trap, those of a second worker.
 * @param {() => WorkerClient} begin makes the worker, or throws if none is wanted any longer
 * @param {() => LoadMessage} message made once the worker is starting, which takes browsers as long as copying a model
 * @param {(progress: Progress) => void} [onProgress] starts over with the second worker
 * @returns {Promise<ReadyMessage>} of the last worker; rejects if its loading does
 */
export async function startEngine(begin, message, onProgress) {
  const worker = begin();
  try {
    return await worker.load(message(), onProgress);
  } catch (error) {
    if (!worker.trapped) throw error;
    await worker.ended; // two engines at once may not fit into memory
    return begin().load({ ...message(), trapped: messageOf(error) }, onProgress);
  }
}
