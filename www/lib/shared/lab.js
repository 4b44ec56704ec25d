// The messages between a page and a lab's worker. The page sends `lab` once, first, and gets `ready` or `failed`. Every
// later request has an `id`; it ends with one message with that id, `answered` or `failed`, preceded by others: `step`
// while a run trains, `advanced` while a question is answered. A run has the id of its `train`.

/** @import { Deleted, Followed, LedgerRow, Preset, Result, Score, Settings, Step } from '../../lab.js' */
/** @import { Progress } from '../../reslens.js' */
/** @import { ErrorRecord } from './errors.js' */
/** @import { WasmSources } from './protocol.js' */

/**
 * The first message of a lab's worker.
 * @typedef {object} LabStart
 * @property {'lab'} type
 * @property {string} version the page's `VERSION`
 * @property {WasmSources} wasm
 * @property {string} digits the absolute URL of `digits.bin`
 */

/** The answer to each question about a run. @typedef {{test: Score, deletion: Deleted[], ledger: LedgerRow[]}} LabAnswers */

/**
 * `stop`: the run takes no further step and is answered as it is. `cancel`: the request with that id is dropped and not
 * answered.
 * @typedef {{type: 'train', id: number, settings: Settings, every: number, hold: boolean}
 *   | {type: 'advance', id: number, run: number, steps: number}
 *   | {type: 'follow', id: number, run: number, layer: number, index: number}
 *   | {type: 'ask', id: number, run: number, question: keyof LabAnswers}
 *   | {type: 'stop', run: number}
 *   | {type: 'cancel', id: number}} LabRequest
 */

/** @typedef {LabStart | LabRequest} ToLab */

/**
 * `failed` without an id: the worker is unusable.
 * @typedef {{type: 'progress', progress: Progress}
 *   | {type: 'ready', presets: Preset[]}
 *   | {type: 'step', id: number, step: Step}
 *   | {type: 'advanced', id: number, done: number, total: number}
 *   | {type: 'answered', id: number, answer: Result | Step | Followed | LabAnswers[keyof LabAnswers]}
 *   | {type: 'failed', id: number | null, error: ErrorRecord}} FromLab
 */

export {};
