// Threads: one worker each, on the engine's module and shared memory. See `src/threads.rs`.

import { failure } from '../shared/errors.js';
import { WAITING } from '../thread/messages.js';

/** @import { ThreadStart } from '../thread/messages.js' */

/** @param {string} why */
const refused = (why) => failure('BackendUnavailable', `a thread did not start: ${why}`);

/**
 * Starts workers that wait to be threads of the pool.
 * @param {number} count
 * @param {Omit<ThreadStart, 'crashPort'>} start
 * @returns {Promise<{crashPorts: MessagePort[], stop: () => void}>} the other end of each thread's
 *   `crashPort`, and what ends all threads
 */
export async function startThreads(count, start) {
  const threads = Array.from({ length: count }, () => startThread(start));
  const stop = () => threads.forEach(({ worker }) => worker.terminate());
  try {
    await Promise.all(threads.map(({ waiting }) => waiting));
  } catch (error) {
    stop();
    throw error;
  }
  return { crashPorts: threads.map(({ crashPort }) => crashPort), stop };
}

/** @param {Omit<ThreadStart, 'crashPort'>} start */
function startThread(start) {
  const url = new URL('../thread/thread.js', import.meta.url);
  const worker = new Worker(url, { type: 'module', name: 'reslens thread' });
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<void>} */
  const waiting = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data === WAITING ? resolve() : reject(refused(data)));
    worker.onerror = (event) => {
      event.preventDefault(); // handled: the single-threaded engine takes over
      reject(refused(event.message || `${url} cannot be loaded`));
    };
  });
  const message = /** @satisfies {ThreadStart} */ ({ ...start, crashPort: port2 });
  worker.postMessage(message, [port2]);
  return { worker, waiting, crashPort: port1 };
}
