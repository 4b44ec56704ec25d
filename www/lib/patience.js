// How long the GPU may take to answer.

import { failure } from './errors.js';

const SECONDS = 10;

/**
 * Waits for an answer of the GPU, but not for ever.
 *
 * It counts seconds in which this worker could have heard the answer: neither those in which the
 * machine slept, nor those in which the worker itself was computing.
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>} rejects with `DeviceLost` when there is none within ten seconds
 */
export async function within(answer) {
  let waited = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;
  /** @type {Promise<never>} */
  const silence = new Promise((_, reject) => {
    clock = setInterval(() => {
      waited += 1;
      if (waited < SECONDS) return;
      reject(failure('DeviceLost', `the GPU has not answered within ${SECONDS} seconds`));
    }, 1000);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearInterval(clock);
  }
}
