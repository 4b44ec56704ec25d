/**
 * The records of the lab's page: the library's, and the state of its runs.
 *
 * @typedef {import('../lab.js').Deleted} Deleted
 * @typedef {import('../lab.js').Followed} Followed
 * @typedef {import('../lab.js').Lab} Lab
 * @typedef {import('../lab.js').Layers} Layers
 * @typedef {import('../lab.js').LedgerRow} LedgerRow
 * @typedef {import('../lab.js').Result} Result
 * @typedef {import('../lab.js').Run} Run
 * @typedef {import('../lab.js').Settings} Settings
 * @typedef {import('../lab.js').Step} Step
 * @typedef {import('./types.js').BlockStats} BlockStats
 * @typedef {import('./types.js').Model} Model
 * @typedef {import('./types.js').Sweep} Sweep
 *
 * @typedef {'plain'|'residual'} Twin
 *   Which of two networks with the same initial weights, seed and batches: without the additions, or with them.
 * @typedef {'gradient'|'update'|'activation'|'backward'} Quantity
 *   A quantity that is known for each layer at a step.
 * @typedef {{step: number, loss: number}} LossAt
 * @typedef {{twin: Twin, step: number, steps: number, accuracy: number, losses: readonly LossAt[], first: Layers|null,
 *   last: Layers|null, result: Result|null, deleted: readonly Deleted[]|null, ledger: readonly LedgerRow[]|null}} Course
 *   A run so far. `first`: at the first step; `last`: at the last reported one. `result`: once it has ended.
 * @typedef {{settings: Settings, running: boolean, plain: Course|null, residual: Course|null}} Pair
 *   One network or both twins, trained in turns.
 * @typedef {'vanish'|'skip'|'paper'|'blocks'|'free'} PairName
 *   The part of the page that a pair belongs to.
 * @typedef {{layer: number, index: number, steps: readonly Followed[], losses: readonly number[], ended: boolean}} OneWeight
 *   One weight of a small network, step by step; `losses`: of all test digits, before the first of these steps and after each.
 * @typedef {{depth: number, plain: Result|null, residual: Result|null, growth: {plain: number|null, residual: number|null}}} DepthRow
 *   The results at one depth. `growth`: the gradient of the first layer over that of the last one, at the first step.
 * @typedef {{picture: string, model: Model, stats: readonly BlockStats[], sweep: Sweep|null, done: number}} RealNetwork
 *   ResNet-18 on one picture: what each path contributes, and the answer without each F(x).
 * @typedef {{loaded: string, weight: OneWeight, pairs: Readonly<Partial<Record<PairName, Pair>>>, depths: readonly DepthRow[],
 *   real: RealNetwork|null, chosen: import('./text/lab-settings.js').Chosen, working: string}} LabState
 *   `loaded`: the engine's progress in words. `working`: the current computation, for the status line; '' if there is none.
 * @typedef {{actions: {say(text: string): void, dismiss(): void}, lab: import('./control/lab-runs.js').LabRuns}} LabContext
 *   The context of the lab's views.
 */
export {};
