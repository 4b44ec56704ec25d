// Every message between a classifier and its worker. Both ends switch over `type`.
//
//   classifier -> worker    load       once, first
//                           threads    the answer to the worker's `threads`
//                           converted  the answer to `convert`
//                           call       at most `backend.concurrency` at a time
//                           release    once, last, if it has a GPU in use or calls to return
//   worker -> classifier    progress   while it loads
//                           threads    while it loads: it needs threads, or no longer needs them
//                           convert    while it loads: the model is a PyTorch checkpoint
//                           ready      the end of a `load` that succeeds
//                           backend    the GPU was given up during a `call`, or is back
//                           settled    the end of each `call`, in the order of the calls, and of a
//                                      `load` that fails
//                           released   the end of `release`
//
// `gradients.js` describes the differences for a worker that computes gradients.
//
// In the end the worker is terminated, and the browser frees what it held.

/** @import { ConversionStart, Converted } from './conversion.js' */
/** @import { ErrorRecord } from './errors.js' */
/** @import { Differentiated, GradientCall, InputMessage, StartedMessage } from './gradients.js' */
/** @import { ThreadStart } from './threads.js' */
/**
 * @import { Backend as PublicBackend, BackendKind, Classification, Logits, Model, Progress,
 *   Simulation, Sweep } from '../../reslens.js'
 */

/**
 * Where the model is: an absolute URL, or its bytes. An array is transferred.
 * @typedef {{url: string, bundled: boolean} | Blob | Uint8Array<ArrayBuffer>} ModelSource
 */

/**
 * The wasm files, by their names without extension: those of the CPU for each kind of browser, the GPU's, the
 * reader of checkpoints, and the one of gradients.
 * @typedef {`reslens-cpu-${PublicBackend['simd']}${'' | '-threads'}` | 'reslens-webgpu' | 'reslens-import'
 *   | 'reslens-train'} EngineFile
 */

/** Where a wasm file is: an absolute URL, or its bytes after gzip. @typedef {string | Blob} WasmSource */

/** The wasm files that a build of the library has. @typedef {Partial<Record<EngineFile, WasmSource>>} WasmSources */

/**
 * @typedef {object} LoadMessage
 * @property {'load'} type
 * @property {string} version the page's `VERSION`
 * @property {WasmSources} wasm
 * @property {ModelSource} model
 * @property {Blob | null} labels a file with other names for the classes
 * @property {'auto' | BackendKind} backend
 * @property {boolean} fallback whether the CPU is used if the GPU cannot be
 * @property {number | 'auto'} threads
 * @property {Simulation | null} simulate
 * @property {string | null} trapped the message of an engine that trapped while loading; the plain file is used then
 */

/**
 * A picture as it is sent to the worker. `rgba` is 8-bit sRGB, not premultiplied, row by row.
 * @typedef {{kind: 'bitmap', bitmap: ImageBitmap}
 *   | {kind: 'blob', blob: Blob}
 *   | {kind: 'rgba', rgba: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}} Picture
 */

/**
 * What to compute. Options are passed on unchanged; the engine validates them.
 * @typedef {{method: 'classify', picture: Picture, options: object}
 *   | {method: 'embed', picture: Picture}
 *   | {method: 'logits', input: Float32Array<ArrayBuffer>, shape: Uint32Array, options: object}
 *   | {method: 'sweep', picture: Picture, options: object, port: MessagePort}
 *   | {method: 'sweepImage', input: Float32Array<ArrayBuffer>, shape: Uint32Array, options: object,
 *     port: MessagePort}} Call
 */

/**
 * A sweep has its own port for messages: `SweepProgress` to the page, and `STOP` to the worker.
 * @typedef {Extract<Call, {port: MessagePort}>} SweepCall
 */

/** Asks a sweep to end after the run in progress. */
export const STOP = 'stop';

/** @typedef {Extract<Call, {picture: Picture}>} PictureCall */

/**
 * The answer to each method.
 * @typedef {{classify: Classification, embed: Float32Array, logits: Logits, sweep: Sweep,
 *   sweepImage: Sweep}} Answers
 */

/**
 * A call of one method.
 * @template {keyof Answers} M
 * @typedef {Extract<Call, {method: M}>} CallOf
 */

/** @typedef {{type: 'call', call: Call}} CallMessage */

/**
 * Frees the GPU's memory, which browsers may do late when a worker is terminated. Its answer comes after
 * all returned calls.
 * @typedef {{type: 'release'}} ReleaseMessage
 */

/** The progress of loading. @typedef {{type: 'progress', progress: Progress}} ProgressMessage */

/**
 * Asks for `count` threads; the answer comes when all of them wait for work. Without `start`, ends the current ones.
 * @typedef {{type: 'threads', count: number, start: ThreadStart | null}} ThreadsMessage
 */

/** Whether the threads wait for work: null, or why one does not. @typedef {{type: 'threads', problem: string | null}} ThreadsAnswer */

/** Asks for the conversion of a checkpoint, in a separate worker. @typedef {{type: 'convert', start: ConversionStart}} ConvertMessage */

/** @typedef {{type: 'converted', converted: Converted}} ConvertedMessage */

/**
 * The backend, without the fields that only the classifier knows.
 * @typedef {Omit<PublicBackend, 'requested' | 'memory'>} Backend
 */

/** @typedef {PublicBackend['memory']} Memory */

/**
 * @typedef {object} ReadyMessage
 * @property {'ready'} type
 * @property {Backend} backend
 * @property {Memory} memory
 * @property {Model} model
 * @property {string | null} lock the name of the lock that the worker holds
 */

/** The model as a .safetensors file, soon after `ready`, or before the worker ends after a crash. @typedef {{type: 'file', file: Blob}} FileMessage */

/** @typedef {{type: 'backend', backend: Backend, memory: Memory}} BackendMessage */

/**
 * How a call ended. `fatal`: the worker crashed, and a new one is needed. `returned`: the call was queued behind
 * the one that crashed, and a new worker can answer it.
 * @typedef {{kind: 'answered', answer: Answers[keyof Answers] | Differentiated, memory: Memory}
 *   | {kind: 'failed', error: ErrorRecord, fatal: boolean}
 *   | {kind: 'returned', call: Call}} Outcome
 */

/** @typedef {{type: 'settled', outcome: Outcome}} SettledMessage */

/** @typedef {{type: 'released'}} ReleasedMessage */

/** @typedef {LoadMessage | ThreadsAnswer | ConvertedMessage | CallMessage | ReleaseMessage} ToWorker */

/**
 * @typedef {ProgressMessage | ThreadsMessage | ConvertMessage | ReadyMessage | FileMessage | BackendMessage
 *   | SettledMessage | ReleasedMessage | StartedMessage | InputMessage} FromWorker
 */

/**
 * The parts of a call to transfer rather than copy.
 * @param {Call | GradientCall} call
 * @returns {Transferable[]}
 */
export function transferables(call) {
  const input = 'picture' in call ? transferablesOf(call.picture) : [call.input.buffer];
  return 'port' in call ? [...input, call.port] : input;
}

/**
 * The parts of a picture to transfer rather than copy.
 * @param {Picture} picture
 * @returns {Transferable[]}
 */
export function transferablesOf(picture) {
  switch (picture.kind) {
    case 'bitmap':
      return [picture.bitmap];
    case 'rgba':
      return [picture.rgba.buffer];
    case 'blob':
      return [];
  }
}

/**
 * Frees a picture that is no longer needed.
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
