// What happened when wasm trapped: the exception itself says no more than `unreachable`.

import { failure, messageOf } from './errors.js';

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
 * The error for an exception that an engine did not give on purpose.
 * @param {unknown} error
 * @param {(why: string) => string} [message] of the error, unless memory ran out
 */
export function crash(error, message = stopped) {
  const panic = lastError.split('\n\nStack:')[0]?.trim();
  lastError = '';
  // Where memory cannot be had, Rust stops without a word.
  const outOfMemory = panic
    ? /memory allocation|capacity overflow|out of memory/i.test(panic)
    : (error instanceof WebAssembly.RuntimeError && /unreachable/i.test(error.message)) ||
      (error instanceof RangeError && /alloc|memory|array length/i.test(error.message));
  return outOfMemory
    ? failure('OutOfMemory', 'the memory that this call needs cannot be had: pass less at once', error)
    : failure('BackendUnavailable', message(panic || messageOf(error)), error);
}

/** @param {string} why */
const stopped = (why) => `the engine stopped (${why}); a fresh one takes the next call`;
