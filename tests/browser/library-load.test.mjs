// Loading: options, progress, reports, invalid models, abort, disposal.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';
import { repeats } from './support/soak.mjs';
import { changeWorkers } from './support/workers.mjs';

const LOADS = repeats(6, 20);

describe('Classifier.load', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    library = await openLibrary(browser, site.url);
    page = library.page;
  });
  afterEach(() => library.close());

  const load = (options) =>
    page.evaluate(async (options) => {
      const { value, ...error } = await outcome(Classifier.load(options));
      if (!value) return { error };
      const { backend, model } = value;
      await value.dispose();
      return { backend, model };
    }, options);

  it('reports the backend', async () => {
    const { backend } = await load({ backend: 'cpu', threads: 1 });
    assert.ok(backend.memory.wasm > 0);
    assert.deepEqual(backend, {
      kind: 'cpu',
      requested: 'cpu',
      reason: null,
      adapter: null,
      threads: 1,
      concurrency: 1,
      simd: 'relaxed',
      memory: { wasm: backend.memory.wasm, gpu: 0 },
    });
  });

  it('reports the model', async () => {
    const { model } = await load({});
    assert.equal(model.architecture, 'resnet18');
    assert.equal(model.labels.length, 50);
    assert.equal(model.blocks.length, 8);
    assert.equal(model.blocks[0].name, 'layer1.0');
    const expected = await page.evaluate(async () => {
      const file = await (await fetch('models/webcam50.safetensors')).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', file));
      return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    });
    assert.equal(model.sha256, expected);
  });

  it('reports progress in bytes and steps, and the use of the cache the second time', async () => {
    const run = () =>
      page.evaluate(async () => {
        const events = [];
        const onProgress = (progress) => events.push(progress);
        const classifier = await Classifier.load({ backend: 'cpu', threads: 1, onProgress });
        await modelStored(); // soon after it is loaded, by the worker
        await classifier.dispose();
        return events;
      });
    const size = await page.evaluate(
      async () => (await (await fetch('models/webcam50.safetensors')).blob()).size,
    );
    const first = await run();
    for (const phase of ['runtime', 'weights', 'compile', 'warmup']) {
      const events = first.filter((event) => event.phase === phase);
      const last = events.at(-1);
      assert.ok(events.length >= 2, phase);
      assert.equal(last.loaded, last.total, phase);
      assert.ok(
        events.every((event, i) => i === 0 || event.loaded >= events[i - 1].loaded),
        phase,
      );
    }
    const weights = (events) => events.filter(({ phase }) => phase === 'weights').at(-1);
    assert.deepEqual(weights(first), {
      phase: 'weights',
      loaded: size,
      total: size,
      fromCache: false,
    });
    assert.equal(weights(await run()).fromCache, true);
  });

  it('works without Cache storage', async () => {
    await changeWorkers(page, () => Reflect.deleteProperty(globalThis, 'caches'));
    assert.equal((await load({ threads: 1 })).model.architecture, 'resnet18');
  });

  for (const [what, options, message] of /** @type {[string, any, RegExp][]} */ ([
    ['options', 7, /options: expected an object, found 7/],
    ['options', null, /options: expected an object, found null/],
    ['a name', { thread: 2 }, /options: expected the name of an option, found "thread"/],
    ['backend', { backend: 'gpu' }, /backend: expected auto, webgpu, cpu, found "gpu"/],
    ['threads', { threads: 0 }, /threads: expected 'auto' or a whole number from 1 to 64, found 0/],
    ['threads', { threads: 1.5 }, /threads: .* found 1.5/],
    ['threads', { threads: '2' }, /threads: .* found "2"/],
    ['simulate', { simulate: 'fire' }, /simulate: expected no-adapter, .* found "fire"/],
    ['model', { model: 7 }, /model: expected a URL, .* or a Blob, found 7/],
    ['labels', { labels: 'cat' }, /labels: expected an array of strings, or a Blob .*, found "cat"/],
    ['labels', { labels: ['cat', 1] }, /labels: expected an array of strings/],
    ['labels', { labels: ['cat', 'dog'] }, /labels: expected 50, as many as the model has classes, found 2/],
    ['assets', { assets: 'http://' }, /assets: expected the URL of a folder/],
    ['worker', { worker: 'worker.js' }, /worker: expected a function that starts a worker, found "worker.js"/],
    ['onProgress', { onProgress: 'x' }, /onProgress: expected a function/],
    ['signal', { signal: {} }, /signal: expected an AbortSignal, found Object/],
  ])) {
    it(`refuses ${what} ${JSON.stringify(options)}`, async () => {
      const { error } = await load(options);
      assert.equal(error.name, 'InputInvalid');
      assert.equal(error.isError, true);
      assert.match(error.message, message);
    });
  }

  it('takes a model as URL, ArrayBuffer and Blob, and leaves the buffer unchanged', async () => {
    const found = await page.evaluate(async () => {
      const relative = 'models/webcam50.safetensors';
      const blob = await (await fetch(relative)).blob();
      const buffer = await blob.arrayBuffer();
      const hashes = [];
      for (const model of [relative, new URL(relative, document.baseURI), buffer, blob]) {
        const classifier = await Classifier.load({ model, threads: 1 });
        hashes.push(classifier.model.sha256);
        await classifier.dispose();
      }
      return { hashes: [...new Set(hashes)].length, kept: buffer.byteLength === blob.size };
    });
    assert.deepEqual(found, { hashes: 1, kept: true });
  });

  describe('invalid models', () => {
    afterEach(() => {
      // The browser also reports the failed requests of these tests.
      library.complaints.splice(0);
      library.foreign.splice(0);
    });

    const refuse = async (model, message) => {
      const { error } = await load({ model });
      assert.equal(error.name, 'ModelInvalid');
      assert.match(error.message, message);
    };

    it('a missing file', () => refuse('missing.safetensors', /\/missing\.safetensors .*404/));

    it('an HTML page by its type', async () => {
      await page.context().route('**/page', (route) =>
        route.fulfill({ contentType: 'text/html; charset=utf-8', body: '<!doctype html>' }),
      );
      await refuse('page', /\/page, found an HTML page \(status: 200\)/);
    });

    it('an HTML page by its first byte', async () => {
      await page.context().route('**/page', (route) =>
        route.fulfill({ contentType: 'application/octet-stream', body: '<!doctype html>' }),
      );
      await refuse('page', /\/page, found an HTML page \(status: 200\)/);
    });

    it('a failing connection', async () => {
      await page.context().route('**/broken', (route) => route.abort());
      await refuse('broken', /\/broken cannot be fetched \(status: none/);
    });

    it('another site, which the content security policy refuses', async () => {
      await refuse('http://reslens.test/model', /reslens\.test\/model .*downloaded and opened/);
      assert.deepEqual(library.foreign, []);
    });

    it('a file that is not safetensors', () => refuse('reslens.js', /safetensors/));

    it('an invalid address', () => refuse('http://', /model: expected a URL/));

    it('an empty and a broken Blob', async () => {
      const errors = await page.evaluate(() =>
        Promise.all(
          [new Blob([]), new Blob(['not a model']), new ArrayBuffer(0)].map((model) =>
            outcome(Classifier.load({ model, threads: 1 })),
          ),
        ),
      );
      assert.deepEqual(errors.map(({ name }) => name), Array(3).fill('ModelInvalid'));
    });
  });

  describe('abort', () => {
    it('rejects at once if the signal is aborted already', async () => {
      const error = await page.evaluate(() => outcome(Classifier.load({ signal: AbortSignal.abort() })));
      assert.equal(error.name, 'AbortError');
      assert.deepEqual(page.workers(), []);
    });

    for (const phase of ['runtime', 'weights', 'compile', 'warmup']) {
      it(`rejects and ends the worker in the phase ${phase}`, async () => {
        const error = await page.evaluate((phase) => {
          const controller = new AbortController();
          const onProgress = (progress) => progress.phase === phase && controller.abort();
          return outcome(Classifier.load({ onProgress, signal: controller.signal }));
        }, phase);
        assert.equal(error.name, 'AbortError');
        await waitForWorkers(page, 0);
        assert.equal((await load({ threads: 1 })).backend.kind, 'cpu');
      });
    }
  });

  it(`leaves nothing behind after ${LOADS} loads and disposals`, async () => {
    const instance = await page.evaluate(async (loads) => {
      let wasm = 0;
      for (let i = 0; i < loads; i++) {
        const classifier = await Classifier.load({ threads: 2 });
        await classifier.classify(picture());
        wasm = classifier.backend.memory.wasm;
        await classifier.dispose();
      }
      return wasm;
    }, LOADS);
    await waitForWorkers(page, 0);
    const { bytes } = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
    assert.ok(bytes < instance / 2, `${bytes} bytes are left; one instance holds ${instance}`);
  });
});
