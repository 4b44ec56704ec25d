// Threads: one worker each, on the engine's module and shared memory. See `src/threads.rs`.

import { failure } from './errors.js';

/** What a thread says, once, when it waits for the pool; anything else is why it cannot. */
export const WAITING = 'waiting';

/** @param {string} why */
const refused = (why) => failure('BackendUnavailable', `a thread did not start: ${why}`);

/**
 * What a thread is told.
 * @typedef {object} ThreadStart
 * @property {string} glue the URL of the engine's JavaScript
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {MessagePort} line where it reports its death
 */

/**
 * Starts workers that wait to be threads of the pool.
 * @param {number} count
 * @param {Omit<ThreadStart, 'line'>} start
 * @returns {Promise<{lines: MessagePort[], stop: () => void}>}
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
  return { lines: threads.map(({ line }) => line), stop };
}

/** @param {Omit<ThreadStart, 'line'>} start */
function startThread(start) {
  const url = new URL('./thread.js', import.meta.url);
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
  const message = /** @satisfies {ThreadStart} */ ({ ...start, line: port2 });
  worker.postMessage(message, [port2]);
  return { worker, waiting, line: port1 };
}
