// The worker of a classifier: loads engines and model, then answers calls in their order. While a GPU
// computes one, the next is read and handed to it.

import { record, isFailure } from './lib/shared/errors.js';
import { load } from './lib/worker/loading.js';
import { crash, listenForPanics, LOAD } from './lib/thread/panic.js';
import { decode, readPixels } from './lib/worker/pixels.js';
import { dropPicture, transferables, unknownMessage } from './lib/shared/protocol.js';
import { Turns } from './lib/shared/queue.js';

/** @import { Engines } from './lib/worker/engines.js' */
/** @import { Engine } from './lib/worker/gpu.js' */
/** @import { Words } from './lib/thread/panic.js' */
/** @import { Decoded, Pixels } from './lib/worker/pixels.js' */
/** @import { CpuEngine } from './lib/worker/runtime.js' */
/** @import { Call, FromWorker, LoadMessage, Picture, Progress, ToWorker } from './lib/shared/protocol.js' */

/** @type {Engines} */
let engines;

const turns = new Turns();

/** The calls that are not answered yet, in their order. @type {Set<Call>} */
const open = new Set();

/** Whether something happened that leaves the engines in a state that nobody knows. */
let crashed = false;

listenForPanics();

self.onmessage = (/** @type {MessageEvent<ToWorker>} */ { data: message }) => {
  switch (message.type) {
    case 'load':
      return attempt(() => start(message), LOAD);
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
 * the engine in a state that nobody knows: what is not answered yet is for another worker.
 * @param {() => Promise<void>} run
 * @param {Words} [words] of such an exception
 */
async function attempt(run, words) {
  try {
    await run();
  } catch (error) {
    const deliberate = isFailure(error);
    send({ type: 'failed', error: record(deliberate ? error : crash(error, words)), fatal: !deliberate });
    if (deliberate) return;
    crashed = true;
    for (const call of open) giveBack(call);
  }
}

/** @param {Call} call that is not answered here */
function giveBack(call) {
  try {
    send({ type: 'returned', call }, transferables(call));
  } catch (error) {
    // What it came with is lost, like a bitmap that could not be read.
    send({ type: 'failed', error: record(crash(error)), fatal: true });
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
  if (crashed) return giveBack(call);
  open.add(call);
  try {
    const result = await compute(call);
    if (!crashed) send({ type: 'answer', answer: result, memory: engines.memory }, buffers(result));
  } catch (error) {
    if (!crashed) throw error;
  } finally {
    open.delete(call);
  }
}

/** @param {Call} call */
async function compute(call) {
  const start = performance.now();
  switch (call.method) {
    case 'classify': {
      let read = 0;
      const result = await turns.run(
        () => readPicture(call).finally(() => (read = performance.now() - start)),
        () =>
          withPicture(call, {
            pixels: (engine, { rgba, width, height }) =>
              engine.classify(rgba, width, height, call.options),
            bitmap: (engine, bitmap) => engine.classifyBitmap(bitmap, call.options),
          }),
      );
      const { timings } = result;
      timings.preprocess += read;
      timings.total = performance.now() - start;
      return result;
    }
    case 'embed':
      return turns.run(
        () => readPicture(call),
        () =>
          withPicture(call, {
            pixels: (engine, { rgba, width, height }) => engine.embed(rgba, width, height),
            bitmap: (engine, bitmap) => engine.embedBitmap(bitmap),
          }),
      );
    case 'logits':
      return turns.run(
        async () => call,
        ({ input, shape, options }) => engines.run((engine) => engine.logits(input, shape, options)),
      );
    default:
      return unknownMessage(call);
  }
}

/** @typedef {Extract<Call, {picture: Picture}>} PictureCall */

/**
 * Reads a call's picture as far as the engine in front cannot do it itself. What was read takes its place.
 * @param {PictureCall} call
 */
async function readPicture(call) {
  const picture = await decode(call.picture);
  call.picture =
    picture.kind === 'bitmap' && engines.takes(picture.bitmap)
      ? picture
      : { kind: 'rgba', ...readPixels(picture) };
}

/**
 * Has something computed of a picture that was read, by its bitmap or by its pixels.
 * @template T
 * @param {PictureCall} call
 * @param {{pixels: (engine: CpuEngine | Engine, pixels: Pixels) => T | Promise<T>,
 *   bitmap: (engine: Engine, bitmap: ImageBitmap) => Promise<T>}} compute
 * @returns {Promise<T>}
 */
async function withPicture(call, compute) {
  try {
    return await engines.run((engine) => {
      const picture = /** @type {Decoded} */ (call.picture);
      if (picture.kind === 'bitmap' && 'classifyBitmap' in engine) {
        return compute.bitmap(engine, picture.bitmap);
      }
      const pixels = readPixels(picture);
      call.picture = { kind: 'rgba', ...pixels };
      return compute.pixels(engine, pixels);
    });
  } finally {
    if (!crashed) dropPicture(call.picture);
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
