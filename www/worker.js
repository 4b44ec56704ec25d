// The worker of a classifier: loads engines and model, then answers one call at a time.

import { record, isFailure } from './lib/errors.js';
import { load } from './lib/loading.js';
import { crash, listenForPanics } from './lib/panic.js';
import { readPixels } from './lib/pixels.js';
import { unknownMessage } from './lib/protocol.js';

/** @import { Engines } from './lib/engines.js' */
/** @import { Call, FromWorker, LoadMessage, Progress, ToWorker } from './lib/protocol.js' */

/** @type {Engines} */
let engines;

listenForPanics();

self.onmessage = (/** @type {MessageEvent<ToWorker>} */ { data: message }) => {
  switch (message.type) {
    case 'load':
      return attempt(() => start(message));
    case 'call':
      return attempt(() => answer(message.call));
    case 'release':
      engines.end();
      return send({ type: 'released' });
    default:
      return unknownMessage(message);
  }
};

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
const send = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * Runs a request; an exception is its answer. One that the engine did not give on purpose leaves
 * the engine in a state that nobody knows.
 * @param {() => Promise<void>} run
 */
async function attempt(run) {
  try {
    await run();
  } catch (error) {
    const deliberate = isFailure(error);
    send({ type: 'failed', error: record(deliberate ? error : crash(error)), fatal: !deliberate });
  }
}

/**
 * @param {Progress['phase']} phase
 * @returns {(loaded: number, total: number | null, fromCache?: boolean) => void}
 */
const reporter = (phase) => (loaded, total, fromCache = false) =>
  send({ type: 'progress', progress: { phase, loaded, total, fromCache } });

/** @param {LoadMessage} message */
async function start(message) {
  const { engines: loaded, hash, file } = await load(message, {
    reporter,
    onThreads: (lines) => send({ type: 'threads', lines }, lines),
    onChange: () => send({ type: 'backend', backend: engines.backend, memory: engines.memory }),
  });
  engines = loaded;
  send({
    type: 'ready',
    backend: engines.backend,
    memory: engines.memory,
    model: { ...engines.model, sha256: await hash },
    file: file.blob,
  });
  await file.keep();
}

/** @param {Call} call */
async function answer(call) {
  const result = await compute(call);
  send({ type: 'answer', answer: result, memory: engines.memory }, buffers(result));
}

/** @param {Call} call */
async function compute(call) {
  const start = performance.now();
  switch (call.method) {
    case 'classify': {
      const { rgba, width, height } = await readPixels(call.picture);
      const read = performance.now() - start;
      const result = await engines.run((engine) =>
        engine.classify(rgba, width, height, call.options),
      );
      const { timings } = result;
      timings.preprocess += read;
      timings.total = performance.now() - start;
      return result;
    }
    case 'embed': {
      const { rgba, width, height } = await readPixels(call.picture);
      return engines.run((engine) => engine.embed(rgba, width, height));
    }
    case 'logits':
      return engines.run((engine) => engine.logits(call.input, call.shape, call.options));
    default:
      return unknownMessage(call);
  }
}

/**
 * The memory that a result can give away: each array is the engine's no more.
 * @param {any} result
 * @returns {Transferable[]}
 */
function buffers(result) {
  if (result instanceof Float32Array) return [result.buffer];
  const parts = (result.taps ?? []).flatMap(Object.values);
  return [result.logits, ...parts.map((/** @type {any} */ part) => part.data)]
    .filter((array) => array instanceof Float32Array)
    .map((array) => array.buffer);
}
