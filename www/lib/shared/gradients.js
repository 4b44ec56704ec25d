// What a page and a worker that computes gradients tell each other. The page sends `gradients` once, first, then one
// `call` at a time; each is answered by one message that ends it, `ready`, `answered` or `failed`, and before that
// perhaps by `progress` while the worker loads, or by `input` during a call.

/** @import { Gradients, Progress } from '../../reslens.js' */
/** @import { ErrorRecord } from './errors.js' */
/** @import { Picture, WasmSources } from './protocol.js' */

/**
 * The first message of a worker that computes gradients.
 * @typedef {object} GradientsStart
 * @property {'gradients'} type
 * @property {string} version the page's `VERSION`
 * @property {WasmSources} wasm
 * @property {Blob} model a safetensors file
 */

/** A normalised image: `shape` is [1, 3, H, W]. @typedef {{input: Float32Array<ArrayBuffer>, shape: Uint32Array}} Image */

/**
 * What gradients are computed of.
 * @typedef {{picture: Picture} | Image} GradientSource
 */

/** @typedef {{type: 'call', source: GradientSource, options: object}} GradientCall */

/** @typedef {GradientsStart | GradientCall} ToGradients */

/**
 * What the engine of gradients answers: all but the class's label, which the page knows, and with the logits of its
 * forward pass, which the page compares with the classifier's.
 * @typedef {Omit<Gradients, 'label' | 'of'> & {logits: Float32Array}} Differentiated
 */

/**
 * `input`: what the picture of a call has become. `failed` with `fatal`: the worker is of no use any more.
 * @typedef {{type: 'progress', progress: Progress}
 *   | {type: 'ready'}
 *   | {type: 'input', image: Image}
 *   | {type: 'answered', answer: Differentiated}
 *   | {type: 'failed', error: ErrorRecord, fatal: boolean}} FromGradients
 */

export {};
