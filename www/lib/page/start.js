// Starting an engine. A browser compiles wasm while it runs, and its compilers err now and then: an engine that traps
// while it loads is started once more, in a worker of its own and on the plainest file, before anybody is told.

import { messageOf } from '../shared/errors.js';

/** @import { Progress } from '../../reslens.js' */
/** @import { LoadMessage, ReadyMessage } from '../shared/protocol.js' */
/** @import { WorkerClient } from './worker-client.js' */

/**
 * Loads a worker's engines; those of a second one if the first one's trapped.
 * @param {() => WorkerClient} begin makes the worker, or throws if none is wanted any more
 * @param {LoadMessage} message
 * @param {(progress: Progress) => void} [onProgress] begins again with the second worker
 * @returns {Promise<ReadyMessage>} of the worker that was begun last; rejects as its loading does
 */
export async function startEngine(begin, message, onProgress) {
  const worker = begin();
  try {
    return await worker.load(message, onProgress);
  } catch (error) {
    if (!worker.trapped) throw error;
    await worker.ended; // two engines may be more than there is memory for
    return begin().load({ ...message, trapped: messageOf(error) }, onProgress);
  }
}
