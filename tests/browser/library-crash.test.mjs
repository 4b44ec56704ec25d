// Crashes of the engine: the call rejects, and a new worker answers the next one.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';
import { breakable, changeWorkers, engineOf, openExports } from './support/workers.mjs';

describe('crashes', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** Opens the library with an engine that can be sabotaged, and loads it, on request from bytes. */
  async function open(threads, given = false) {
    const library = await openLibrary(browser, site.url);
    await changeWorkers(library.page, openExports, breakable);
    await library.page.evaluate(async ({ threads, given }) => {
      globalThis.changes = [];
      const onBackend = (backend) => changes.push(backend.threads);
      const model = given ? await (await fetch('models/webcam50.safetensors')).arrayBuffer() : undefined;
      globalThis.classifier = await Classifier.load({ model, backend: 'cpu', threads, onBackend });
    }, { threads, given });
    return library;
  }

  for (const threads of [1, 2]) {
    it(`a trap rejects its call only, with ${threads} thread(s)`, async () => {
      const library = await open(threads);
      const { page } = library;
      const expected = await page.evaluate(async () => best(await classifier.classify(picture())));
      const old = await engineOf(page);
      await old.evaluate(() => globalThis.sabotage());
      const [trapped, waiting, logits] = await page.evaluate(async () => {
        const calls = [
          classifier.classify(picture()),
          classifier.classify(picture()).then(best),
          classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] }),
        ];
        return Promise.all(calls.map(outcome));
      });
      assert.equal(trapped.isError, true);
      assert.equal(trapped.name, 'BackendUnavailable');
      assert.match(trapped.message, /the engine crashed \(.+\); the next call starts a new one/);
      assert.deepEqual(waiting.value, expected);
      assert.ok(logits.value);
      await waitForWorkers(page, threads);
      assert.ok((await engineOf(page)) !== old);
      assert.deepEqual(await page.evaluate(() => changes), [threads]);
      await library.close();
    });
  }

  /** Lets two engines in a row crash; each time the next call must be answered. */
  async function crashTwice(page) {
    for (let crash = 0; crash < 2; crash++) {
      await (await engineOf(page)).evaluate(() => globalThis.sabotage());
      const [trapped, next] = await page.evaluate(async () => {
        const trapped = await outcome(classifier.classify(picture()));
        return [trapped, await outcome(classifier.classify(picture()).then(best))];
      });
      assert.equal(trapped.name, 'BackendUnavailable');
      assert.ok(next.value, next.message);
    }
  }

  it('crashes in a row need no network, once the model is loaded', async () => {
    const library = await open(1);
    const { page } = library;
    await page.evaluate(() => modelStored());
    await page.evaluate(async () => caches.delete('reslens-models'));
    await page.route('**/*.safetensors', (route) => route.abort());
    await crashTwice(page);
    await library.close();
  });

  it('a worker that ends without a word rejects its calls, and the next one is answered', async () => {
    const library = await open(1);
    const { page } = library;
    const expected = await page.evaluate(async () => best(await classifier.classify(picture())));
    await (await engineOf(page)).evaluate(() => {
      globalThis.postMessage = () => globalThis.close(); // instead of the next answer
    });
    const [lost, next] = await page.evaluate(async () => {
      const lost = await outcome(classifier.classify(picture()));
      return [lost, await outcome(classifier.classify(picture()).then(best))];
    });
    assert.equal(lost.name, 'BackendUnavailable');
    assert.match(lost.message, /the worker has ended without a reason.*; the next call starts a new one/);
    assert.deepEqual(next.value, expected);
    await waitForWorkers(page, 1);
    await library.close();
  });

  it('exhausted memory is OutOfMemory, and the next call is answered', async () => {
    const library = await open(1);
    const { page } = library;
    await (await engineOf(page)).evaluate(() => globalThis.exhaust());
    const [input, large, next] = await page.evaluate(async () => {
      const batch = new Float32Array(32 * 3 * 1024 * 1024);
      const calls = [
        classifier.logits(batch, { shape: [32, 3, 1024, 1024] }), // the engine checks and says so
        classifier.logits(batch.subarray(0, 8 * 3 * 224 * 224), { shape: [8, 3, 224, 224] }), // the allocator aborts silently
        classifier.classify(picture()),
      ];
      return Promise.all(calls.map(outcome));
    });
    assert.equal(input.name, 'OutOfMemory', input.message);
    assert.equal(large.name, 'OutOfMemory', large.message);
    assert.ok(next.value, next.message);
    await library.close();
  });

  /** A change for use after `openExports`: files of the engine trap while they load, and are counted. */
  function trapAtLoad() {
    globalThis.changeExports = (exports) => {
      if (!globalThis.traps(exports)) return;
      exports.uncheckedengine_load = () => {
        globalThis.postMessage({ type: 'progress', progress: { phase: 'trap' } });
        throw new WebAssembly.RuntimeError('index out of bounds');
      };
    };
  }

  /** Loads the engine with two threads, on request from bytes that change at once; `classifier` stays on the page. */
  const loadTwo = (page, given = false) => page.evaluate(async (given) => {
    let traps = 0;
    const model = given ? await (await fetch('models/webcam50.safetensors')).arrayBuffer() : undefined;
    const onProgress = ({ phase }) => {
      if (phase === 'trap') traps += 1;
    };
    const loading = Classifier.load({ model, backend: 'cpu', threads: 2, onProgress });
    if (model) new Uint8Array(model).fill(0);
    const loaded = await outcome(loading.then((loaded) => (globalThis.classifier = loaded).backend));
    return { loaded, traps };
  }, given);

  for (const given of [false, true]) it(`a trap while the engine loads${given ? ' bytes' : ''}: the plain file is used, and the reason given`, async () => {
    const library = await openLibrary(browser, site.url);
    const { page } = library;
    // Only the files with threads export `buildThreadPool`.
    const withThreads = () => (globalThis.traps = (exports) => 'buildThreadPool' in exports);
    await changeWorkers(page, openExports, withThreads, trapAtLoad);
    const { loaded, traps } = await loadTwo(page, given);
    const { threads, simd, reason } = loaded.value;
    assert.deepEqual({ threads, simd, reason, traps }, {
      threads: 1,
      simd: 'simd128',
      reason: 'one thread, simd128: the engine did not load (index out of bounds)',
      traps: 1,
    });
    assert.ok(await page.evaluate(async () => best(await classifier.classify(picture())).logit > 0));
    await waitForWorkers(page, 1);
    await library.close();
  });

  it('a model given as bytes survives crashes that come at once', async () => {
    const library = await open(1, true);
    await crashTwice(library.page);
    await library.close();
  });

  it('a trap of the plain file as well is an error that says so', async () => {
    const library = await openLibrary(browser, site.url);
    await changeWorkers(library.page, openExports, () => (globalThis.traps = () => true), trapAtLoad);
    const { loaded, traps } = await loadTwo(library.page);
    assert.deepEqual([loaded.name, loaded.message, traps], [
      'BackendUnavailable',
      'the engine did not load (index out of bounds)',
      2,
    ]);
    await waitForWorkers(library.page, 0);
    await library.close();
  });

  it('missing wasm rejects with its address and status', async () => {
    const library = await openLibrary(browser, site.url);
    await library.page.context().route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
    const error = await library.page.evaluate(() => outcome(Classifier.load({ threads: 1 })));
    assert.equal(error.name, 'BackendUnavailable');
    assert.match(error.message, /reslens-cpu-simd128\.wasm cannot be loaded: status 404/);
    library.complaints.splice(0);
    await library.close();
  });
});
