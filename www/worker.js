// The worker of a classifier: loads engine and model, then answers one call at a time.

import { record, isFailure } from './lib/errors.js';
import { readModel } from './lib/model-file.js';
import { crash, listenForPanics } from './lib/panic.js';
import { readPixels } from './lib/pixels.js';
import { unknownMessage } from './lib/protocol.js';
import { startRuntime } from './lib/runtime.js';

/** @import { Call, FromWorker, LoadMessage, Memory, Progress, ToWorker } from './lib/protocol.js' */
/** @import { Engine } from './lib/runtime.js' */

/** @type {Engine} */
let engine;

/** @type {() => Memory} */
let memory;

listenForPanics();

self.onmessage = (/** @type {MessageEvent<ToWorker>} */ { data: message }) => {
  switch (message.type) {
    case 'load':
      return attempt(() => load(message));
    case 'call':
      return attempt(() => answer(message.call));
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
async function load({ model, backend, threads }) {
  const [runtime, file] = await Promise.all([
    startRuntime(threads, reporter('runtime')),
    readModel(model, reporter('weights')),
  ]);
  memory = () => ({ wasm: runtime.memory.buffer.byteLength, gpu: 0 });
  send({ type: 'threads', lines: runtime.lines }, runtime.lines);
  const hash = sha256(file.bytes);
  try {
    await step('compile', () => {
      engine = runtime.glue.Engine.load(file.bytes);
    });
  } catch (error) {
    await file.forget();
    throw error;
  }
  await step('warmup', () => engine.classify(new Uint8ClampedArray(4 * 8 * 8), 8, 8, {}));
  const noGpu = backend === 'auto' ? 'this build has no WebGPU engine' : null;
  send({
    type: 'ready',
    backend: {
      kind: 'cpu',
      requested: backend,
      reason: [noGpu, runtime.reason].filter(Boolean).join('; ') || null,
      adapter: null,
      threads: runtime.threads,
      simd: 'simd128',
    },
    memory: memory(),
    model: { ...engine.model(), sha256: await hash },
    file: file.blob,
  });
  await file.keep();
}

/**
 * A phase of one step.
 * @param {Progress['phase']} phase
 * @param {() => unknown} run
 */
async function step(phase, run) {
  const report = reporter(phase);
  report(0, 1);
  run();
  report(1, 1);
}

/**
 * Null on an insecure page, where browsers do not give the function.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {Call} call */
async function answer(call) {
  const result = await compute(call);
  send({ type: 'answer', answer: result, memory: memory() }, buffers(result));
}

/** @param {Call} call */
async function compute(call) {
  const start = performance.now();
  switch (call.method) {
    case 'classify': {
      const { rgba, width, height } = await readPixels(call.picture);
      const read = performance.now() - start;
      const result = engine.classify(rgba, width, height, call.options);
      const { timings } = result;
      timings.preprocess += read;
      timings.total = performance.now() - start;
      return result;
    }
    case 'embed': {
      const { rgba, width, height } = await readPixels(call.picture);
      return engine.embed(rgba, width, height);
    }
    case 'logits':
      return engine.logits(call.input, call.shape, call.options);
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
