// The messages between a page and a worker that converts a checkpoint: one in each direction.

/** @import { ErrorRecord } from './errors.js' */
/** @import { WasmSources } from './protocol.js' */

/**
 * The message to a worker that converts a PyTorch checkpoint to a safetensors file.
 * @typedef {object} ConversionStart
 * @property {'conversion'} type
 * @property {WasmSources} wasm
 * @property {Uint8Array<ArrayBuffer>} checkpoint
 */

/** @typedef {{file: Uint8Array<ArrayBuffer>} | {error: ErrorRecord}} Converted */

export {};
