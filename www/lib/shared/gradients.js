// What a page and a worker that computes gradients tell each other. The page sends `gradients` once, first, and hears
// `progress`, then `started`; or `settled`, if that fails. Then it sends one `call` at a time: `input` says what is
// differentiated, and `settled` ends the call.

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

/** The worker can take calls. @typedef {{type: 'started'}} StartedMessage */

/** A normalised image: `shape` is [1, 3, H, W]. @typedef {{input: Float32Array<ArrayBuffer>, shape: Uint32Array}} Image */

/** @typedef {{options: object} & ({picture: Picture} | Image)} GradientCall */

/** @typedef {GradientsStart | {type: 'call', call: GradientCall}} ToGradients */

/** What a call's picture has become, for the classifier's engine to run on the same. @typedef {{type: 'input', image: Image}} InputMessage */

/**
 * What the engine of gradients answers: all but the class's label, which the page knows, and with the logits of its
 * forward pass, which the page compares with the classifier's.
 * @typedef {Omit<Gradients, 'label' | 'of'> & {logits: Float32Array}} Differentiated
 */

export {};
