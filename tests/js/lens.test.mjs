// The page's picture and its classifier: order of answers, with an engine that answers when the test says so.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ClassifierSlot } from '../../www/app/control/classifier-slot.js';
import { Lens } from '../../www/app/control/lens.js';
import { initialState } from '../../www/app/text/state.js';

/** @type {string[]} */
let released;

beforeEach(() => {
  released = [];
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  Object.assign(globalThis, { ImageBitmap: class {} });
  URL.revokeObjectURL = (url) => released.push(url);
});

/** The page's state without its views. */
function makeStore() {
  const store = { state: initialState(true), set: (changes) => (store.state = { ...store.state, ...changes }) };
  return /** @type {any} */ (store);
}

/** A classifier whose calls wait in `calls` until the test answers them. */
function makeClassifier() {
  const calls = [];
  const classify = (source) => new Promise((resolve, reject) => calls.push({ source, resolve, reject }));
  const predictions = [{ index: 0, label: 'cup', probability: 1, logit: 0 }];
  const answer = { predictions, abstained: false, taps: [], timings: {} };
  const model = { labels: ['cup'], blocks: [{ name: 'layer1.0', shape: [64, 16, 16], shortcut: 'identity' }], inputSize: 64, resize: 64 };
  const classifier = { model, backend: { kind: 'cpu', reason: null }, classify, dispose: async () => {} };
  return {
    classifier: /** @type {any} */ (classifier),
    calls,
    /** Answers the calls received so far. */
    async answer() {
      for (const { resolve } of calls.splice(0)) resolve(answer);
      await settled();
    },
  };
}

/** Resolves after everything that follows from what has settled so far. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A lens with a loaded classifier and one answered picture. */
async function startLens() {
  const store = makeStore();
  const engine = makeClassifier();
  const engines = [engine];
  const lens = new Lens(store, async () => engines[engines.length - 1].classifier);
  lens.show(picture('first'));
  lens.loadClassifier({});
  await settled();
  await engine.answer();
  return { store, engine, engines, lens };
}

/** @param {string} title @returns {any} */
const picture = (title) => ({ source: new Blob(), subject: { kind: 'picture', title, url: title } });

test('only a visit’s first answer is shown before its close-up', async () => {
  const store = makeStore();
  const { classifier, calls } = makeClassifier();
  const lens = new Lens(store, async () => classifier);
  /** Answers the oldest call; both have the taps of all blocks. */
  const answerOne = async () => {
    const taps = [{ block: 'layer1.0' }];
    calls.shift().resolve({ predictions: [{ index: 0 }], abstained: false, taps, timings: {} });
    await settled();
  };
  lens.show(picture('first'));
  lens.loadClassifier({});
  await settled();
  assert.equal(calls.length, 2);
  const shown = [];
  for (const title of ['first', 'second']) {
    if (title === 'second') lens.show(picture(title));
    for (const call of ['classes and maps', 'close-up']) {
      await answerOne();
      shown.push([call, store.state.answer?.subject.title, store.state.answer?.close?.tap.block]);
    }
  }
  assert.deepEqual(shown, [
    ['classes and maps', 'first', undefined],
    ['close-up', 'first', 'layer1.0'],
    ['classes and maps', 'first', 'layer1.0'],
    ['close-up', 'second', 'layer1.0'],
  ]);
  assert.equal(store.state.phase, 'ready');
});

test('a picture that waits for its turn is answered, whatever is requested meanwhile', async () => {
  const { store, engine, lens } = await startLens();
  const question = lens.refresh();
  lens.show(picture('second'));
  lens.refresh();
  await engine.answer();
  await engine.answer();
  await question;
  assert.equal(store.state.subject.title, 'second');
  assert.deepEqual(released, ['first']);
});

for (const way of ['answers', 'rejects']) {
  test(`if an engine is replaced and ${way} late, the new engine answers the picture`, async () => {
    const { store, engine, engines, lens } = await startLens();
    lens.show(picture('second'));
    await settled();
    const next = makeClassifier();
    engines.push(next);
    lens.loadClassifier({ backend: 'cpu' });
    await settled();
    for (const { reject } of way === 'rejects' ? engine.calls.splice(0) : []) reject(new Error('disposed'));
    await engine.answer();
    await next.answer();
    assert.equal(store.state.subject.title, 'second');
    assert.equal(store.state.notice, null);
    assert.deepEqual(released, ['first']);
  });
}

for (const [name, backend, text, label] of /** @type {[string, 'webgpu'|'cpu', string, string|undefined][]} */ ([
  ['DeviceLost', 'webgpu', 'It broke.', 'Use the CPU'],
  ['DeviceLost', 'cpu', 'It broke. Reload the page to start again.', undefined],
  ['ModelInvalid', 'webgpu', 'It broke. Open another .safetensors or .pth file, or use the bundled model.', undefined],
  ['InputInvalid', 'webgpu', 'It broke.', undefined],
  ['InputInvalid', 'cpu', 'It broke.', undefined],
])) {
  test(`${name} while ${backend} loads: advice that helps`, async () => {
    const store = makeStore();
    const error = Object.assign(new Error('it broke'), { name });
    const slot = new ClassifierSlot(store, () => Promise.reject(error), async () => {});
    assert.equal(await slot.load({ backend }), false);
    assert.deepEqual([store.state.notice.text, store.state.notice.action?.label], [text, label]);
  });
}
