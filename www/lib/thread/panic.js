// What happened when wasm trapped: the exception itself says no more than `unreachable`.

import { failure, messageOf } from '../shared/errors.js';

let lastError = '';

/**
 * Remembers what is written to the console's error channel. Rust's panic hook can say its message
 * nowhere else: after it the instance is dead.
 */
export function listenForPanics() {
  const write = console.error;
  console.error = (...words) => {
    lastError = words.map(String).join(' ');
    write.apply(console, words);
  };
}

/**
 * What is said of an engine that crashed.
 * @typedef {object} Words
 * @property {(why: string) => string} stopped
 * @property {string} outOfMemory
 */

/** Of one that crashed during a call. @type {Words} */
const CALL = {
  stopped: (why) => `the engine crashed (${why}); the next call starts a new one`,
  outOfMemory: 'not enough memory for this call: use a smaller batch or picture',
};

/** Of one that crashed while it loaded. @type {Words} */
export const LOAD = {
  stopped: (why) => `the engine did not load (${why})`,
  outOfMemory: 'not enough memory for this model: close other tabs, or load a smaller model',
};

/**
 * The error for an exception that an engine did not give on purpose.
 * @param {unknown} error
 * @param {Words} [words]
 */
export function crash(error, words = CALL) {
  const panic = lastError.split('\n\nStack:')[0]?.trim();
  lastError = '';
  // Where memory is unavailable, Rust stops without a word.
  const outOfMemory = panic
    ? /memory allocation|capacity overflow|out of memory/i.test(panic)
    : (error instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.message)) ||
      (error instanceof RangeError && /alloc|memory|array length/i.test(error.message));
  return outOfMemory
    ? failure('OutOfMemory', words.outOfMemory, error)
    : failure('BackendUnavailable', words.stopped(panic || messageOf(error)), error);
}
