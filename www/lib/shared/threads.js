// The messages between a page and the threads that it starts. A thread gets one message, and sends one or two.

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
 * `waiting`: it is in the pool. `refused`: why it cannot be. `crashed`: it died while computing. The
 * engine's worker then waits for it forever and notices nothing, so the page must be told.
 * @typedef {{type: 'waiting'} | {type: 'refused', why: string} | {type: 'crashed', error: ErrorRecord}} FromThread
 */

export {};
