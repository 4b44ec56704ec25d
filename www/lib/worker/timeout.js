// The time limit for answers of the GPU.

import { failure } from '../shared/errors.js';

const SECONDS = 10;

/**
 * Waits for an answer of the GPU, with a time limit.
 *
 * Counts only time in which the answer could have arrived, and so excludes sleep, our own computing and earlier GPU
 * work.
 * @template T
 * @param {Promise<T>} answer
 * @param {Promise<unknown> | null} [before] settles when the GPU is free for it; null: it already is
 * @returns {Promise<T>} rejects with `DeviceLost` if there is none within ten seconds
 */
export async function withTimeout(answer, before = null) {
  let waited = 0;
  let over = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;
  /** @type {Promise<never>} */
  const silence = new Promise((_, reject) => {
    const count = () => {
      waited += 1;
      if (waited < SECONDS) return;
      reject(failure('DeviceLost', `the GPU has not answered within ${SECONDS} seconds`));
    };
    const start = () => {
      if (!over) clock = setInterval(count, 1000);
    };
    if (before) before.then(start, start);
    else start();
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    over = true;
    clearInterval(clock);
  }
}
