/**
 * The lab's runs. They start when their part of the page is reached, one part after another, and continue
 * in the lab's worker while the page is read. Twins take turns there.
 *
 * @typedef {import('../lab-types.js').Course} Course
 * @typedef {import('../lab-types.js').Lab} Lab
 * @typedef {import('../lab-types.js').LabState} LabState
 * @typedef {import('../lab-types.js').Pair} Pair
 * @typedef {import('../lab-types.js').PairName} PairName
 * @typedef {import('../lab-types.js').Run} Run
 * @typedef {import('../lab-types.js').Settings} Settings
 * @typedef {import('../lab-types.js').Step} Step
 * @typedef {import('../lab-types.js').Twin} Twin
 * @typedef {import('../device/store.js').Store} Store
 */

import { growth } from '../text/lab-charts.js';
import { choosesAny, settingsOf, storyEpochs } from '../text/lab-settings.js';
import { BOTH, PAPER_DEPTHS, paperSettings, reseeded, STORY } from '../text/lab-story.js';
import { libraryTrouble } from '../text/messages.js';
import { OneWeightRun } from './lab-weight.js';

/** Steps between reports: more than ten reports a second, of which the page draws some. */
const EVERY = 4;

export class LabRuns {
  /** @type {Promise<Lab>|null} */
  #lab = null;
  /** The earlier tasks. @type {Promise<void>} */
  #queue = Promise.resolve();
  /** @type {Set<string>} */
  #reached = new Set();
  /** The failed tasks, to be repeated. @type {(() => void)[]} */
  #failed = [];
  /** The tasks in progress. @type {{what: string}[]} */
  #doing = [];
  /** Depths that wait for training with batch norm. @type {number[]} */
  #depths = [];
  /** The trainings with the visitor's own settings, one after another. @type {Promise<void>} */
  #own = Promise.resolve();
  /** The most recent of these settings. @type {LabState['chosen']|null} */
  #newest = null;
  /** The runs that train or still answer questions. @type {Map<PairName, Run[]>} */
  #runs = new Map();
  #store;
  #load;
  #epochs;
  #linked;
  /** One weight, step by step. */
  weight;

  /**
   * @param {Store} store
   * @param {() => Promise<Lab>} load
   * @param {string} search `location.search`
   */
  constructor(store, load, search) {
    this.#store = store;
    this.#load = load;
    this.#epochs = storyEpochs(search);
    this.#linked = choosesAny(search);
    this.weight = new OneWeightRun(() => this.#open(), (weight) => this.#set({ weight }), () => this.#state.weight);
  }

  get #state() {
    return /** @type {LabState} */ (this.#store.state.lab);
  }

  /** @param {Partial<LabState>} changes */
  #set(changes) {
    this.#store.set({ lab: { ...this.#state, ...changes } });
  }

  /** @param {PairName} name @param {Partial<Pair>} changes */
  #setPair(name, changes) {
    const pair = { settings: {}, running: false, plain: null, residual: null, ...this.#state.pairs[name], ...changes };
    this.#set({ pairs: { ...this.#state.pairs, [name]: pair } });
  }

  /** The engine, fetched once. After a failure it is tried again. @returns {Promise<Lab>} */
  async #open() {
    const opening = (this.#lab ??= this.#load());
    try {
      const lab = await opening;
      if (this.#store.state.phase !== 'ready') this.#store.set({ phase: 'ready' });
      return lab;
    } catch (error) {
      this.#lab = null;
      this.#store.set({ phase: 'error' });
      throw error;
    }
  }

  /** Begins a part of the page when it is reached for the first time. @param {'weight'|'real'|PairName} part */
  reach(part) {
    if (this.#reached.has(part)) return;
    this.#reached.add(part);
    switch (part) {
      case 'weight':
        return this.step();
      case 'real':
        return this.#do('asking ResNet-18', () => this.#askRealNetwork());
      case 'paper':
        this.#depths.push(...PAPER_DEPTHS);
        return this.#trainDepths();
      case 'free':
        // A visitor who follows a link with settings wants to see them run.
        return this.#linked ? this.trainChosen() : undefined;
      default:
        return this.#begin(part, STORY[part].settings);
    }
  }

  /** Takes one step of the network with the followed weight. */
  step() {
    void this.#attempt('one step', () => this.weight.advance());
  }

  /** Follows a weight of another convolution, from the first step. @param {number} layer from 0 */
  follow(layer) {
    this.weight.choose(layer);
    this.step();
  }

  /** Runs a part once more, with the next seed. @param {Exclude<PairName, 'free'|'paper'>} part */
  again(part) {
    this.stop(part);
    this.#begin(part, reseeded(this.#state.pairs[part]?.settings ?? STORY[part].settings));
  }

  /** @param {Exclude<PairName, 'free'|'paper'>} part @param {Settings} settings */
  #begin(part, settings) {
    const examine = part === 'blocks' ? () => this.#examine(part) : undefined;
    this.#do('training', () => this.#train(part, settings, STORY[part].twins, examine));
  }

  /** Trains both twins of a depth with batch norm, before all other depths. @param {number} depth */
  trainDepth(depth) {
    this.#depths.unshift(depth);
    if (this.#depths.length === 1) this.#trainDepths();
  }

  #trainDepths() {
    this.#do('training', async () => {
      for (let depth = this.#depths[0]; depth; depth = this.#depths[0]) {
        await this.#train('paper', paperSettings(depth), BOTH).finally(() => {
          this.#depths = this.#depths.filter((other) => other !== depth);
        });
        this.#keepDepth(depth);
      }
    });
  }

  /** Adds the results of a depth to the table. @param {number} depth */
  #keepDepth(depth) {
    const { plain, residual } = /** @type {Pair} */ (this.#state.pairs.paper);
    const row = {
      depth, plain: plain?.result ?? null, residual: residual?.result ?? null,
      growth: { plain: growth(plain?.first), residual: growth(residual?.first) },
    };
    const depths = [...this.#state.depths.filter((other) => other.depth !== depth), row].sort((one, other) => one.depth - other.depth);
    this.#set({ depths });
  }

  /** @param {LabState['chosen']} chosen */
  choose(chosen) {
    this.#set({ chosen });
  }

  /** Trains the chosen networks, replacing those in training, or says why it cannot. */
  trainChosen() {
    const { chosen } = this.#state;
    const { settings, troubles } = settingsOf(chosen);
    if (troubles.length > 0) return this.#say(troubles.join(' '));
    this.stop('free');
    this.#newest = { ...chosen };
    const own = this.#newest;
    const twins = chosen.twins === 'both' ? BOTH : [chosen.twins];
    const train = async () => {
      await this.#open();
      if (own === this.#newest) await this.#train('free', settings, twins);
    };
    this.#own = this.#own.then(() => (own === this.#newest ? this.#attempt('training', train) : undefined));
  }

  /** Stops a part's runs; their results so far stay. @param {PairName} name */
  stop(name) {
    for (const run of this.#runs.get(name) ?? []) run.stop();
  }

  /**
   * Trains networks, and frees their memory at the end.
   * @param {PairName} name
   * @param {Settings} settings
   * @param {readonly Twin[]} twins
   * @param {() => Promise<void>} [examine] evaluates them before the part ends
   */
  async #train(name, settings, twins, examine = async () => undefined) {
    const lab = await this.#open();
    const wanted = this.#epochs && name !== 'free' ? { ...settings, epochs: this.#epochs } : settings;
    this.#setPair(name, { settings: wanted, running: true, plain: null, residual: null });
    try {
      const runs = twins.map((twin) => lab.train({ ...wanted, skip: twin === 'residual' }, { every: EVERY, onStep: (step) => this.#took(name, twin, step) }));
      this.#runs.set(name, runs);
      const results = await Promise.all(runs.map(({ done }) => done));
      for (const [index, twin] of twins.entries()) {
        const result = results[index];
        this.#setPair(name, { [twin]: { ...this.#course(name, twin, result.steps), result, last: result.layers } });
      }
      await examine();
    } finally {
      this.#free(name);
      this.#setPair(name, { running: false });
    }
  }

  /** @param {PairName} name @param {Twin} twin @param {number} steps @returns {Course} */
  #course(name, twin, steps) {
    return this.#state.pairs[name]?.[twin] ?? { twin, step: 0, steps, accuracy: 0, losses: [], first: null, last: null, result: null, deleted: null, ledger: null };
  }

  /** @param {PairName} name @param {Twin} twin @param {Step} at */
  #took(name, twin, { step, steps, loss, accuracy, layers }) {
    const course = this.#course(name, twin, steps);
    const losses = [...course.losses, { step, loss }];
    this.#setPair(name, { [twin]: { ...course, step, steps, accuracy, losses, first: course.first ?? layers, last: layers } });
  }

  /** Leaves out one block after the other, and measures what each contributes. @param {'blocks'} name */
  async #examine(name) {
    const runs = this.#runs.get(name) ?? [];
    for (const [index, twin] of BOTH.entries()) {
      const run = runs[index];
      const [deleted, ledger] = [await run.deleteEach(), await run.ledger()];
      const course = this.#state.pairs[name]?.[twin];
      if (course) this.#setPair(name, { [twin]: { ...course, deleted, ledger } });
    }
  }

  /** Frees a part's memory. @param {PairName} name */
  #free(name) {
    for (const run of this.#runs.get(name) ?? []) run.dispose();
    this.#runs.delete(name);
  }

  async #askRealNetwork() {
    const { askRealNetwork } = await import('./lab-real.js');
    await askRealNetwork((real) => this.#set({ real }));
  }

  /** Does a task after the earlier ones. @param {string} what @param {() => Promise<void>} task */
  #do(what, task) {
    this.#queue = this.#queue.then(() => this.#attempt(what, task));
  }

  /** Does a task at once, and reports its errors. @param {string} what @param {() => Promise<void>} task */
  async #attempt(what, task) {
    const doing = { what };
    this.#doing.push(doing);
    this.#set({ working: what });
    try {
      await task();
    } catch (error) {
      this.#failed.push(() => this.#do(what, task));
      const action = { label: 'Try again', run: () => this.#tryAgain() };
      this.#store.set({ notice: { text: libraryTrouble(error, false), action } });
    }
    this.#doing = this.#doing.filter((other) => other !== doing);
    this.#set({ working: this.#doing[this.#doing.length - 1]?.what ?? '' });
  }

  /** Repeats the failed run. */
  #tryAgain() {
    const tasks = this.#failed;
    this.#failed = [];
    this.#store.set({ notice: null });
    for (const task of tasks) task();
  }

  /** @param {string} text */
  #say(text) {
    this.#store.set({ notice: { text } });
  }
}
