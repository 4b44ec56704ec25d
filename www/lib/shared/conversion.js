// What a page and a worker that converts a checkpoint tell each other. The worker gets one message, and sends one.

/** @import { ErrorRecord } from './errors.js' */
/** @import { WasmSources } from './protocol.js' */

/**
 * The first message of a worker that converts one of PyTorch's checkpoints to a safetensors file.
 * @typedef {object} ConversionStart
 * @property {'conversion'} type
 * @property {WasmSources} wasm
 * @property {Uint8Array<ArrayBuffer>} checkpoint
 */

/** @typedef {{file: Uint8Array<ArrayBuffer>} | {error: ErrorRecord}} Converted */

export {};
