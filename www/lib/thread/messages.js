// What a thread of the pool and the worker that starts it tell each other.

/** A thread says this once, when it waits for the pool; anything else is why it cannot. */
export const WAITING = 'waiting';

/**
 * What a thread is told.
 * @typedef {object} ThreadStart
 * @property {string} glue the URL of the engine's JavaScript
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {MessagePort} crashPort where it reports its death, as an `ErrorRecord`
 */

