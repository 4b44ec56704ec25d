// What a page and the threads that it starts tell each other. A thread gets one message, and sends one or two.

/** @import { EngineFile } from './protocol.js' */
/** @import { ErrorRecord } from './errors.js' */

/**
 * The first message of a worker that becomes a thread of the CPU engine.
 * @typedef {object} ThreadStart
 * @property {'thread'} type
 * @property {EngineFile} file
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 */

/**
 * `waiting`: it is in the pool. `refused`: it cannot be, and why. `crashed`: it died while it computed. The
 * engine's worker then waits for it forever and hears nothing, so that it is the page that must be told.
 * @typedef {{type: 'waiting'} | {type: 'refused', why: string} | {type: 'crashed', error: ErrorRecord}} FromThread
 */

export {};
