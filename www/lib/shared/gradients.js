// The messages between a page and a worker that computes gradients. The page sends `gradients` once, first, and gets
// `progress`, then `started`, or `settled` if that fails. Then it sends one `call` at a time: `input` returns the
// preprocessed image, and `settled` ends the call.

/** @import { Gradients } from '../../reslens.js' */
/** @import { Picture, WasmSources } from './protocol.js' */

/**
 * The first message of a worker that computes gradients.
 * @typedef {object} GradientsStart
 * @property {'gradients'} type
 * @property {string} version the page's `VERSION`
 * @property {WasmSources} wasm
 * @property {Blob} model a safetensors file
 */

/** The worker can take calls, and holds a lock of this name. @typedef {{type: 'started', lock: string | null}} StartedMessage */

/** A normalised image; `shape` is [1, 3, H, W]. @typedef {{input: Float32Array<ArrayBuffer>, shape: Uint32Array}} Image */

/** @typedef {{options: object} & ({picture: Picture} | Image)} GradientCall */

/** @typedef {GradientsStart | {type: 'call', call: GradientCall}} ToGradients */

/** The preprocessed picture of a call, for the classifier's engine. @typedef {{type: 'input', image: Image}} InputMessage */

/**
 * The answer of the gradient engine: all but the class's label, which the page knows, plus the logits of its
 * forward pass, which the page compares with the classifier's.
 * @typedef {Omit<Gradients, 'label' | 'of'> & {logits: Float32Array}} Differentiated
 */

export {};
