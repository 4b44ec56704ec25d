// Every message between a classifier and its worker. Both ends switch over `type`.
//
//   classifier -> worker    load       once, first
//                           call       at most `backend.concurrency` at a time
//                           release    once, last, where it has a GPU in use or calls to give back
//   worker -> classifier    progress   while it loads
//                           ready      the end of a `load` that succeeds
//                           backend    the GPU was given up, during a `call`, or is back
//                           settled    the end of each `call`, in the order of the calls, and of a
//                                      `load` that fails
//                           released   the end of `release`
//
// In the end the worker is terminated, and the browser frees what it held.

/** @import { ErrorRecord } from './errors.js' */
/**
 * @import { Backend as PublicBackend, BackendKind, Classification, Logits, Model, Progress,
 *   Simulation } from '../../reslens.js'
 */

/**
 * Where the model is: an absolute URL, or its bytes.
 * @typedef {{url: string, bundled: boolean} | Blob} ModelSource
 */

/**
 * @typedef {object} LoadMessage
 * @property {'load'} type
 * @property {ModelSource} model
 * @property {'auto' | BackendKind} backend
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

/** @typedef {Extract<Call, {picture: Picture}>} PictureCall */

/**
 * The answer to each method.
 * @typedef {{classify: Classification, embed: Float32Array, logits: Logits}} Answers
 */

/**
 * A call of one method.
 * @template {keyof Answers} M
 * @typedef {Extract<Call, {method: M}>} CallOf
 */

/** @typedef {{type: 'call', call: Call}} CallMessage */

/**
 * Frees the GPU's memory: browsers may do that late when a worker is terminated. Its answer comes behind
 * all calls that are given back.
 * @typedef {{type: 'release'}} ReleaseMessage
 */

/**
 * How far loading is. Before threads are used, it brings a port of each: a thread that dies leaves the
 * worker waiting for it forever, so it reports its `ErrorRecord` there, past the worker.
 * @typedef {{type: 'progress', progress: Progress, crashPorts?: MessagePort[]}} ProgressMessage
 */

/**
 * What computes, without what only the classifier knows.
 * @typedef {Omit<PublicBackend, 'requested' | 'memory'>} Backend
 */

/** @typedef {PublicBackend['memory']} Memory */

/**
 * @typedef {object} ReadyMessage
 * @property {'ready'} type
 * @property {Backend} backend
 * @property {Memory} memory
 * @property {Model} model
 * @property {Blob} file the model's bytes, for a new worker after a crash
 */

/** @typedef {{type: 'backend', backend: Backend, memory: Memory}} BackendMessage */

/**
 * How a call ended. `fatal`: the worker crashed, and a new one is needed. `returned`: the call was behind
 * the one that crashed, and a new worker can answer it.
 * @typedef {{kind: 'answered', answer: Answers[keyof Answers], memory: Memory}
 *   | {kind: 'failed', error: ErrorRecord, fatal: boolean}
 *   | {kind: 'returned', call: Call}} Outcome
 */

/** @typedef {{type: 'settled', outcome: Outcome}} SettledMessage */

/** @typedef {{type: 'released'}} ReleasedMessage */

/** @typedef {LoadMessage | CallMessage | ReleaseMessage} ToWorker */

/**
 * @typedef {ProgressMessage | ReadyMessage | BackendMessage | SettledMessage | ReleasedMessage} FromWorker
 */

/**
 * The parts of a call to transfer rather than copy.
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
export function closePicture(picture) {
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
