// The worker of a classifier: loads the engines and the model, then answers calls in order. While a GPU computes one,
// the next is read and submitted.

import { isFailure, record } from '../shared/errors.js';
import { transferables, unknownMessage } from '../shared/protocol.js';
import { Queue } from '../shared/queue.js';
import { crash, listenForPanics, LOAD } from '../thread/panic.js';
import { checkVersion } from './check-version.js';
import { Converter } from './checkpoint.js';
import { Job } from './job.js';
import { holdLock } from './lifeline.js';
import { load } from './loading.js';
import { Pool } from './pool.js';

/** @import { Call, FromWorker, LoadMessage, Outcome, ToWorker } from '../shared/protocol.js' */
/** @import { Words } from '../thread/panic.js' */
/** @import { Engines } from './engines.js' */
/** @import { ModelFile } from './model-file.js' */
/** @import { Glues } from './wasm-file.js' */

/** @type {Engines} */
let engines;

/** @type {Queue<void>} */
const queue = new Queue();

/** The calls that are not answered yet, in order. @type {Set<Job>} */
const open = new Set();

/** Whether the engines are in an unknown state, so that another worker must answer open calls. */
let crashed = false;

/** The model's file until the page has it. @type {ModelFile | null} */
let file = null;

/** How long the page has for its first answer before the model's file is copied, in ms. */
const FIRST_ANSWER = 500;

/** The CPU engine's threads. */
const pool = new Pool((message) => send(message));

/** The converter of checkpoints. */
const converter = new Converter((message, transfer) => send(message, transfer));

/**
 * Makes this worker a classifier's.
 * @param {LoadMessage} first
 * @param {Glues} glues
 */
export function answerCalls(first, glues) {
  listenForPanics();
  self.onmessage = (/** @type {MessageEvent<ToWorker>} */ { data: message }) => receive(message, glues);
  return receive(first, glues);
}

/**
 * @param {ToWorker} message
 * @param {Glues} glues
 */
function receive(message, glues) {
  switch (message.type) {
    case 'load':
      return start(message, glues);
    case 'threads':
      return pool.settle(message.problem);
    case 'converted':
      return converter.settle(message.converted);
    case 'call':
      return answer(message.call);
    case 'release':
      engines.end();
      return send({ type: 'released' });
    default:
      return unknownMessage(message);
  }
}

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
const send = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * @param {Outcome} outcome
 * @param {Transferable[]} [transfer]
 */
const settle = (outcome, transfer) => send({ type: 'settled', outcome }, transfer);

/**
 * @param {LoadMessage} message
 * @param {Glues} glues
 */
async function start(message, glues) {
  try {
    checkVersion(message.version);
    const lock = holdLock();
    const { engines: loaded, hash } = await load(message, glues, { pool, converter }, {
      onProgress: (progress) => send({ type: 'progress', progress }),
      onFile: (read) => (file = read),
      onChange: () => send({ type: 'backend', backend: engines.backend, memory: engines.memory }),
    });
    engines = loaded;
    send({
      type: 'ready',
      backend: engines.backend,
      memory: engines.memory,
      model: { ...engines.model, sha256: hash },
      lock: await lock,
    });
    storeFile(hash).catch(reportError);
  } catch (error) {
    fail(error, LOAD);
  }
}

/**
 * Sends the model's file to the page and stores it, after the first answer, which this would delay.
 * @param {string | null} hash
 */
async function storeFile(hash) {
  await new Promise((resolve) => setTimeout(resolve, FIRST_ANSWER));
  await sendFile()?.keep(hash);
}

/** Sends the model's file to the page, unless the page has it. @returns {ModelFile | null} the file, if it is sent now */
function sendFile() {
  const sent = file;
  if (sent) send({ type: 'file', file: sent.blob() });
  file = null;
  return sent;
}

/** Returns the bytes of a caller to the page, which has no others for the next worker. */
function giveBackFile() {
  try {
    if (file?.given) sendFile();
  } catch {
    // No memory for it, as the page says.
  }
}

/**
 * Answers a call. All calls take the same steps from the end of their turn to `settle`, so that their
 * outcomes keep the queue's order.
 * @param {Call} call
 */
async function answer(call) {
  const job = new Job(call, engines);
  if (crashed) return giveBack(job);
  open.add(job);
  try {
    const answer = await queue.run(
      () => job.prepare(),
      (_, before) => job.compute(before),
    );
    if (crashed) return; // returned
    job.addTimes(answer);
    settle({ kind: 'answered', answer, memory: engines.memory }, buffers(answer));
    open.delete(job);
  } catch (error) {
    if (crashed) return;
    open.delete(job);
    fail(error);
  }
}

/**
 * Ends a request with an error. An unexpected one leaves the engine in an unknown state, so that another worker must
 * answer the open calls.
 * @param {unknown} error
 * @param {Words} [words] the messages for such an error
 */
function fail(error, words) {
  const deliberate = isFailure(error);
  if (!deliberate) giveBackFile();
  settle({ kind: 'failed', error: record(deliberate ? error : crash(error, words)), fatal: !deliberate });
  if (deliberate) return;
  crashed = true;
  for (const job of open) giveBack(job);
  queue.clear(error);
}

/** @param {Job} job a call that is not answered here */
function giveBack(job) {
  const call = job.giveBack();
  try {
    settle({ kind: 'returned', call }, transferables(call));
  } catch (error) {
    // Its input is lost, like a bitmap that could not be read.
    settle({ kind: 'failed', error: record(crash(error)), fatal: true });
  }
}

/**
 * Returns the buffers of an answer that can be transferred: none of its arrays belongs to the engine.
 * @param {any} answer
 * @returns {Transferable[]}
 */
function buffers(answer) {
  if (answer instanceof Float32Array) return [answer.buffer];
  const parts = [...(answer.taps ?? []), answer.cam ?? {}].flatMap(Object.values);
  return [answer.logits, answer.features, ...parts.map((/** @type {any} */ part) => part?.data)]
    .filter((array) => array instanceof Float32Array)
    .map((array) => array.buffer);
}
