// Every message between a classifier and its worker. Both ends switch over `type`.
//
//   classifier -> worker    load       once, first
//                           call       a few at a time: `classifier.js` says how many
//                           release    once, last, where it has a GPU in use or calls to give back
//   worker -> classifier    progress, threads    while it loads
//                           ready or failed      once, the end of `load`
//                           backend              the GPU was given up, during a `call`, or is back
//                           answer or failed     the end of `call`, in the order of the calls
//                           returned             instead, for each that is open when the worker crashes
//                           released             the end of `release`
//
// In the end the worker is terminated, and the browser frees what it held.

/** @import { ErrorRecord } from './errors.js' */
/** @import { Simulation } from '../../reslens.js' */

/**
 * Where the model is: an absolute URL, or its bytes.
 * @typedef {{url: string, bundled: boolean} | Blob} ModelSource
 */

/**
 * @typedef {object} LoadMessage
 * @property {'load'} type
 * @property {ModelSource} model
 * @property {'auto' | 'webgpu' | 'cpu'} backend
 * @property {boolean} fallback whether the CPU is used where the GPU cannot be
 * @property {number | 'auto'} threads
 * @property {Simulation | null} simulate
 */

/**
 * A picture on its way to the worker. `rgba` is 8-bit sRGB, not premultiplied, row by row.
 * @typedef {{kind: 'bitmap', bitmap: ImageBitmap}
 *   | {kind: 'blob', blob: Blob}
 *   | {kind: 'rgba', rgba: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}} Picture
 */

/**
 * What to compute. Options travel as they came: the engine validates them.
 * @typedef {{method: 'classify', picture: Picture, options: object}
 *   | {method: 'embed', picture: Picture}
 *   | {method: 'logits', input: Float32Array<ArrayBuffer>, shape: Uint32Array, options: object}} Call
 */

/** @typedef {{type: 'call', call: Call}} CallMessage */

/**
 * Frees the GPU's memory: browsers may do that late when a worker is terminated. Its answer comes behind
 * all that is given back.
 * @typedef {{type: 'release'}} ReleaseMessage
 */

/**
 * Bytes for `runtime` and `weights`, steps for the others.
 * @typedef {object} Progress
 * @property {'runtime' | 'weights' | 'compile' | 'warmup'} phase
 * @property {number} loaded
 * @property {number | null} total null where the server does not say
 * @property {boolean} fromCache
 */

/** @typedef {{type: 'progress', progress: Progress}} ProgressMessage */

/**
 * A line to each thread of the pool. A thread that dies leaves the worker waiting for it for ever,
 * so it says so here, past the worker: its `message` is an `ErrorRecord`.
 * @typedef {{type: 'threads', lines: MessagePort[]}} ThreadsMessage
 */

/**
 * What runs, without what only the classifier knows.
 * @typedef {object} Backend
 * @property {'webgpu' | 'cpu'} kind
 * @property {string | null} reason
 * @property {string | null} adapter
 * @property {number} threads
 * @property {'simd128' | 'relaxed'} simd
 */

/** @typedef {{wasm: number, gpu: number}} Memory bytes */

/**
 * @typedef {object} ReadyMessage
 * @property {'ready'} type
 * @property {Backend} backend
 * @property {Memory} memory
 * @property {object} model the contract's `classifier.model`
 * @property {Blob} file the model's bytes, for a fresh worker after a crash
 */

/** @typedef {{type: 'backend', backend: Backend, memory: Memory}} BackendMessage */

/** @typedef {{type: 'answer', answer: unknown, memory: Memory}} AnswerMessage */

/**
 * `fatal`: the engine is not to be used any more, a fresh worker is needed.
 * @typedef {{type: 'failed', error: ErrorRecord, fatal: boolean}} FailedMessage
 */

/**
 * A call behind the one that crashed: a fresh worker can answer it.
 * @typedef {{type: 'returned', call: Call}} ReturnedMessage
 */

/** @typedef {{type: 'released'}} ReleasedMessage */

/** @typedef {LoadMessage | CallMessage | ReleaseMessage} ToWorker */

/**
 * @typedef {ProgressMessage | ThreadsMessage | ReadyMessage | BackendMessage | AnswerMessage |
 *   FailedMessage | ReturnedMessage | ReleasedMessage} FromWorker
 */

/**
 * What of a call is moved instead of copied.
 * @param {Call} call
 * @returns {Transferable[]}
 */
export function transferables(call) {
  if (call.method === 'logits') return [call.input.buffer];
  switch (call.picture.kind) {
    case 'bitmap':
      return [call.picture.bitmap];
    case 'rgba':
      return [call.picture.rgba.buffer];
    case 'blob':
      return [];
  }
}

/**
 * Frees a picture that is not needed any more.
 * @param {Picture} picture
 */
export function dropPicture(picture) {
  if (picture.kind === 'bitmap') picture.bitmap.close();
}

/**
 * Marks the end of a switch over a closed union: `tsc` refuses it while a case is missing.
 * @param {never} message
 * @returns {never}
 */
export function unknownMessage(message) {
  throw new TypeError(`not a message of the protocol: ${JSON.stringify(message)}`);
}
