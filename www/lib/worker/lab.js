// The worker of a lab: runs and questions about them take turns, a step or a slice at a time.

import { failure, isFailure, messageOf, record } from '../shared/errors.js';
import { unknownMessage } from '../shared/protocol.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { checkVersion } from './check-version.js';
import { announcedSize, counter, sumProgress } from './download.js';
import { Turns } from './turns.js';
import { WasmFiles } from './wasm-file.js';

/** @import { Preset, Result, Settings, Step } from '../../lab.js' */
/** @import { FromLab, LabRequest, LabStart } from '../shared/lab.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Task } from './turns.js' */
/** @import { Glues, WasmFile } from './wasm-file.js' */

/** @typedef {typeof import('./wasm/train.js')} Glue the JavaScript that belongs to the wasm file */
/** @typedef {import('./wasm/train.js').Lab} WasmLab the lab in wasm: `src/wasm/lab.rs` */
/** @typedef {import('./wasm/train.js').LabRun} LabRun */
/** @typedef {import('./wasm/train.js').LabQuestion} LabQuestion */

/**
 * @param {FromLab} message
 * @param {Transferable[]} [transfer]
 */
const tell = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * Makes this worker a lab's.
 * @param {LabStart} start
 * @param {Glues} glues
 */
export async function openLab(start, glues) {
  listenForPanics();
  try {
    checkVersion(start.version);
    const lab = new Lab(await load(start, glues));
    self.onmessage = (/** @type {MessageEvent<LabRequest>} */ { data: request }) => lab.receive(request);
    tell({ type: 'ready', presets: lab.presets });
  } catch (error) {
    tell({ type: 'failed', id: null, error: record(isFailure(error) ? error : crash(error, LOAD)) });
  }
}

/**
 * @param {LabStart} start
 * @param {Glues} glues
 * @returns {Promise<WasmLab>}
 */
async function load({ wasm, digits }, glues) {
  const part = sumProgress((loaded, total) =>
    tell({ type: 'progress', progress: { phase: 'runtime', loaded, total, fromCache: false } }));
  /** @type {[WasmFile<Glue>, Uint8Array]} */
  const [{ createGlue, module }, file] = await Promise.all([
    new WasmFiles(wasm, glues).load('reslens-train', part()),
    fetchDigits(digits, part()),
  ]);
  const glue = createGlue();
  await glue.default({ module_or_path: module });
  return glue.Lab.load(file);
}

/**
 * @param {string} url
 * @param {OnBytes} onBytes
 */
async function fetchDigits(url, onBytes) {
  try {
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    const counted = response.body.pipeThrough(counter(announcedSize(response), onBytes));
    return new Uint8Array(await new Response(counted).arrayBuffer());
  } catch (error) {
    throw failure('BackendUnavailable', `${url} cannot be loaded: ${messageOf(error)}`, error);
  }
}

class Lab {
  #lab;

  /** @type {Map<number, LabRun>} */
  #runs = new Map();

  /** What takes turns, by the ids of the requests. @type {Map<number, Task>} */
  #tasks = new Map();

  /** Runs that are to take no further step. @type {Set<number>} */
  #stopped = new Set();

  #turns = new Turns((error) => this.#fail(null, error));

  /** @param {WasmLab} lab */
  constructor(lab) {
    this.#lab = lab;
  }

  get presets() {
    return /** @type {Preset[]} */ (this.#lab.presets());
  }

  /** @param {LabRequest} request */
  receive(request) {
    try {
      this.#begin(request);
    } catch (error) {
      this.#fail('id' in request ? request.id : null, error);
    }
  }

  /** @param {LabRequest} request */
  #begin(request) {
    switch (request.type) {
      case 'train':
        return this.#train(request.id, request.settings, request.every);
      case 'follow': {
        const answer = this.#run(request.run).follow(request.layer, request.index);
        return tell({ type: 'answered', id: request.id, answer });
      }
      case 'ask': {
        const question = this.#run(request.run)[request.question]();
        return this.#ask(request.id, question, (answer) => tell({ type: 'answered', id: request.id, answer }));
      }
      case 'stop':
        return void (this.#tasks.has(request.run) && this.#stopped.add(request.run));
      case 'cancel':
        return this.#cancel(request.id);
      default:
        return unknownMessage(request);
    }
  }

  /** @param {number} id */
  #run(id) {
    const run = this.#runs.get(id);
    if (!run) throw failure('Disposed', 'this run was disposed: train another one');
    return run;
  }

  /**
   * Trains a network, then tests it.
   * @param {number} id
   * @param {Settings} settings
   * @param {number} every
   */
  #train(id, settings, every) {
    const run = this.#lab.run(settings);
    this.#runs.set(id, run);
    const report = new Report(run, every);
    const end = (/** @type {number | null} */ testAccuracy) => {
      const answer = report.result(testAccuracy);
      this.#stopped.delete(id);
      tell({ type: 'answered', id, answer });
    };
    this.#give(id, () => {
      if (report.begun && (this.#stopped.has(id) || report.complete)) {
        if (this.#stopped.has(id)) end(null);
        else this.#ask(id, run.test(), ({ testAccuracy }) => end(testAccuracy), report);
        return false;
      }
      const step = report.makeStep();
      if (step) tell({ type: 'step', id, step });
      return true;
    });
  }

  /**
   * Answers a question, slice by slice.
   * @param {number} id
   * @param {LabQuestion} question
   * @param {(answer: any) => void} end
   * @param {Report} [report] counts the time
   */
  #ask(id, question, end, report) {
    const total = question.total();
    this.#give(id, () => {
      const start = performance.now();
      const done = question.advance();
      report?.count(start);
      if (!report) tell({ type: 'advanced', id, done, total });
      const stopped = this.#stopped.has(id);
      if (done < total && !stopped) return true;
      end(stopped ? { testAccuracy: null } : question.answer());
      question.free();
      return false;
    });
  }

  /**
   * Gives a request's task its turns.
   * @param {number} id
   * @param {Task} compute
   */
  #give(id, compute) {
    const task = () => {
      const more = compute();
      if (!more && this.#tasks.get(id) === task) this.#tasks.delete(id);
      return more;
    };
    this.#tasks.set(id, task);
    this.#turns.add(task);
  }

  /** Drops a request, and the run that it began. @param {number} id */
  #cancel(id) {
    const task = this.#tasks.get(id);
    if (task) this.#turns.remove(task);
    this.#tasks.delete(id);
    this.#stopped.delete(id);
    this.#runs.get(id)?.free();
    this.#runs.delete(id);
  }

  /**
   * Ends a request with an error. After one that the engine did not give on purpose the worker is of no use.
   * @param {number | null} id
   * @param {unknown} error
   */
  #fail(id, error) {
    const deliberate = isFailure(error);
    tell({ type: 'failed', id: deliberate ? id : null, error: record(deliberate ? error : crash(error)) });
  }
}

/** What is told of a run while it trains. */
class Report {
  #run;
  #every;
  #steps;
  #settings;
  #firstLoss = NaN;
  #milliseconds = 0;

  /** Accuracies of the last epoch's batches. @type {number[]} */
  #accuracies = [];

  /** @type {Step | null} */
  #last = null;

  /**
   * @param {LabRun} run
   * @param {number} every
   */
  constructor(run, every) {
    this.#run = run;
    this.#every = every;
    this.#steps = run.steps();
    this.#settings = /** @type {Result['settings']} */ (run.settings());
  }

  /** Whether a step was made. */
  get begun() {
    return this.#last !== null;
  }

  get complete() {
    return this.#last?.step === this.#steps;
  }

  /**
   * Makes a step.
   * @returns {Step | null} if it is to be told
   */
  makeStep() {
    const start = performance.now();
    const number = (this.#last?.step ?? 0) + 1;
    const told = number === 1 || number === this.#steps || number % this.#every === 0;
    const step = /** @type {Step} */ (this.#run.step(told));
    // A step that is not measured keeps the measures before it.
    this.#last = told || !this.#last ? step : { ...step, layers: this.#last.layers };
    if (number === 1) this.#firstLoss = step.loss;
    this.#accuracies.push(step.accuracy);
    if (this.#accuracies.length > this.#steps / this.#settings.epochs) this.#accuracies.shift();
    this.count(start);
    return told ? step : null;
  }

  /** Adds the time since then. @param {number} start */
  count(start) {
    this.#milliseconds += performance.now() - start;
  }

  /**
   * @param {number | null} testAccuracy
   * @returns {Result}
   */
  result(testAccuracy) {
    const { step, loss, layers } = /** @type {Step} */ (this.#last);
    const right = this.#accuracies.reduce((sum, accuracy) => sum + accuracy, 0);
    return {
      trainAccuracy: right / this.#accuracies.length,
      testAccuracy,
      firstLoss: this.#firstLoss,
      lastLoss: loss,
      step,
      steps: this.#steps,
      stopped: testAccuracy === null,
      layers,
      seconds: this.#milliseconds / 1000,
      settings: this.#settings,
    };
  }
}
