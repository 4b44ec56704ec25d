// The worker of a lab: runs and questions about them take turns, a step or a slice at a time.

import { failure, isFailure, messageOf, record } from '../shared/errors.js';
import { unknownMessage } from '../shared/protocol.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { checkVersion } from './check-version.js';
import { fetchCounted, sumProgress } from './download.js';
import { Report } from './lab-report.js';
import { Turns } from './turns.js';
import { WasmFiles } from './wasm-file.js';

/** @import { Preset, Settings, Step } from '../../lab.js' */
/** @import { FromLab, LabRequest, LabStart } from '../shared/lab.js' */
/** @import { OnBytes } from './download.js' */
/** @import { Task } from './turns.js' */
/** @import { Glues } from './wasm-file.js' */

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
  /** @type {[Glue, Uint8Array]} */
  const [glue, file] = await Promise.all([
    new WasmFiles(wasm, glues).start('reslens-train', part()),
    fetchDigits(digits, part()),
  ]);
  return glue.Lab.load(file);
}

/**
 * @param {string} url
 * @param {OnBytes} onBytes
 */
async function fetchDigits(url, onBytes) {
  try {
    return new Uint8Array(await new Response(await fetchCounted(url, onBytes)).arrayBuffer());
  } catch (error) {
    throw failure('BackendUnavailable', `${url} cannot be loaded: ${messageOf(error)}`, error);
  }
}

/** @typedef {{train: Task, left: number, request: number | null}} Held `left`: steps until `request` is answered */

class Lab {
  #lab;

  /** @type {Map<number, LabRun>} */
  #runs = new Map();

  /** The tasks that take turns, by the ids of their requests. @type {Map<number, Task>} */
  #tasks = new Map();

  /** Runs that take no further step. @type {Set<number>} */
  #stopped = new Set();

  /** Runs that take a step only on request. @type {Map<number, Held>} */
  #held = new Map();

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
        return this.#train(request.id, request.settings, request.every, request.hold);
      case 'advance':
        return this.#advance(request.id, request.run, request.steps);
      case 'follow': {
        const answer = this.#run(request.run).follow(request.layer, request.index);
        return tell({ type: 'answered', id: request.id, answer });
      }
      case 'ask': {
        const question = this.#run(request.run)[request.question]();
        return this.#ask(request.id, question, (answer) => tell({ type: 'answered', id: request.id, answer }));
      }
      case 'stop':
        return this.#stop(request.run);
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
   * @param {boolean} hold
   */
  #train(id, settings, every, hold) {
    const run = this.#lab.run(settings);
    this.#runs.set(id, run);
    const report = new Report(run, every);
    const end = (/** @type {number | null} */ testAccuracy) => {
      const answer = report.result(testAccuracy);
      const request = this.#held.get(id)?.request ?? null;
      if (request !== null) tell({ type: 'answered', id: request, answer: report.last });
      this.#stopped.delete(id);
      this.#held.delete(id);
      tell({ type: 'answered', id, answer });
    };
    const train = () => {
      if (report.begun && (this.#stopped.has(id) || report.complete)) {
        if (this.#stopped.has(id)) end(null);
        else this.#ask(id, run.test(), ({ testAccuracy }) => end(testAccuracy), report);
        return false;
      }
      const held = this.#held.get(id);
      const step = report.makeStep(held?.left === 1);
      if (step) tell({ type: 'step', id, step });
      if (!held || --held.left > 0 || this.#stopped.has(id)) return true;
      if (held.request !== null) tell({ type: 'answered', id: held.request, answer: /** @type {Step} */ (step) });
      held.request = null;
      return report.complete;
    };
    if (hold) this.#held.set(id, { train, left: 0, request: null });
    else this.#give(id, train);
  }

  /** Makes a held run take steps. @param {number} id @param {number} run @param {number} steps */
  #advance(id, run, steps) {
    this.#run(run);
    const held = this.#held.get(run);
    if (!held) throw failure('InputInvalid', 'this run cannot advance: expected one started with hold: true that has not ended');
    if (this.#tasks.has(run)) throw failure('InputInvalid', 'this run is already taking steps: wait for them');
    Object.assign(held, { left: steps, request: id });
    this.#give(run, held.train);
  }

  /** Stops a run before its next step. @param {number} run */
  #stop(run) {
    const held = this.#held.get(run);
    if (!held && !this.#tasks.has(run)) return;
    this.#stopped.add(run);
    if (held && !this.#tasks.has(run)) this.#give(run, held.train);
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
   * Adds a request's task to the turns.
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

  /** Drops a request, and the run that it started. @param {number} id */
  #cancel(id) {
    const task = this.#tasks.get(id);
    if (task) this.#turns.remove(task);
    this.#tasks.delete(id);
    this.#stopped.delete(id);
    this.#held.delete(id);
    this.#runs.get(id)?.free();
    this.#runs.delete(id);
  }

  /**
   * Ends a request with an error. After an unexpected one the worker is unusable.
   * @param {number | null} id
   * @param {unknown} error
   */
  #fail(id, error) {
    const deliberate = isFailure(error);
    tell({ type: 'failed', id: deliberate ? id : null, error: record(deliberate ? error : crash(error)) });
  }
}
