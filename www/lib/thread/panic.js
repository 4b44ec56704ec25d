// Finds out why wasm trapped: the exception itself only says `unreachable`.

import { failure, messageOf } from '../shared/errors.js';

let lastError = '';

/**
 * Records what is written to the console's error channel, the only place where Rust's panic hook can leave its
 * message: afterwards the instance is dead.
 */
export function listenForPanics() {
  const write = console.error;
  console.error = (...words) => {
    lastError = words.map(String).join(' ');
    write.apply(console, words);
  };
}

/**
 * The messages for an engine that crashed.
 * @typedef {object} Words
 * @property {(why: string) => string} stopped
 * @property {string} outOfMemory
 */

/** For an engine that crashed during a call. @type {Words} */
const CALL = {
  stopped: (why) => `the engine crashed (${why}); the next call starts a new one`,
  outOfMemory: 'not enough memory for this call: use a smaller batch or picture',
};

/** For an engine that crashed while it loaded. @type {Words} */
export const LOAD = {
  stopped: (why) => `the engine did not load (${why})`,
  outOfMemory: 'not enough memory for this model: close other tabs, or load a smaller model',
};

/**
 * Returns the error for an unexpected exception of an engine.
 * @param {unknown} error
 * @param {Words} [words]
 */
export function crash(error, words = CALL) {
  const panic = lastError.split('\n\nStack:')[0]?.trim();
  lastError = '';
  // If memory is unavailable, Rust aborts without a message.
  const outOfMemory = panic
    ? /memory allocation|capacity overflow|out of memory/i.test(panic)
    : (error instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.message)) ||
      (error instanceof RangeError && /alloc|memory|array length/i.test(error.message));
  return outOfMemory
    ? failure('OutOfMemory', words.outOfMemory, error)
    : failure('BackendUnavailable', words.stopped(panic || messageOf(error)), error);
}
