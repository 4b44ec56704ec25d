// Hosts: with and without isolation, from a sub-path, with 1 and 2 threads; and things that must never happen.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { standIn, startSite } from './support/site.mjs';
import { changeWorkers } from './support/workers.mjs';

describe('hosts', () => {
  let browser;
  /** The first answer: every other host and number of threads must give the same. */
  let expected;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  for (const { isolated, prefix } of [
    { isolated: true, prefix: '/' },
    { isolated: false, prefix: '/' },
    { isolated: true, prefix: '/some/path/' },
    { isolated: false, prefix: '/some/path/' },
  ]) {
    describe(`${isolated ? 'isolated' : 'not isolated'} at ${prefix}`, () => {
      let site;
      before(async () => {
        site = await startSite(...(isolated ? [] : ['--no-isolation']), '--prefix', prefix);
      });
      after(() => site?.stop());

      for (const threads of /** @type {const} */ ([1, 2, 'auto'])) {
        it(`classifies with threads: ${threads}`, async () => {
          const library = await openLibrary(browser, site.url);
          const { page } = library;
          const found = await page.evaluate(async (threads) => {
            const cores = navigator.hardwareConcurrency;
            const classifier = await Classifier.load({ backend: 'cpu', threads });
            const { index, logit } = best(await classifier.classify(picture()));
            return { index, logit, cores, isolated: crossOriginIsolated, backend: classifier.backend };
          }, threads);
          assert.equal(found.isolated, isolated);
          const wanted = threads === 'auto' ? Math.min(found.cores, 4) : threads;
          if (isolated && (threads !== 'auto' || found.cores <= 4)) {
            assert.equal(found.backend.reason, null);
            assert.equal(found.backend.threads, wanted);
            // The engine's worker counts as one of the threads.
            assert.equal(page.workers().length, wanted);
          } else if (!isolated) {
            assert.equal(found.backend.threads, 1);
            if (wanted > 1) assert.match(found.backend.reason ?? '', /not cross-origin isolated/);
          }
          expected ??= found;
          assert.equal(found.index, expected.index);
          assert.ok(Math.abs(found.logit - expected.logit) < 1e-3 * Math.abs(expected.logit));
          await library.close();
        });
      }
    });
  }

  it('falls back to one thread if shared memory is refused', async () => {
    const site = await startSite();
    try {
      const library = await openLibrary(browser, site.url);
      // As in a browser that is short of address space.
      await changeWorkers(library.page, () => {
        const refuse = () => {
          throw new RangeError('refused');
        };
        Object.assign(WebAssembly, { Memory: new Proxy(WebAssembly.Memory, { construct: refuse }) });
      });
      const backend = await library.page.evaluate(async () => {
        const classifier = await Classifier.load({ backend: 'cpu', threads: 2 });
        await classifier.classify(picture());
        return classifier.backend;
      });
      assert.equal(backend.threads, 1);
      assert.match(backend.reason ?? '', /one thread: .*refused/);
      await library.close();
    } finally {
      await site.stop();
    }
  });

  it('falls back to plain SIMD if the host lacks the file with relaxed SIMD', async () => {
    const site = await startSite();
    try {
      const library = await openLibrary(browser, site.url);
      const missing = { status: 404, body: '' };
      await library.page.context().route('**/reslens-cpu-relaxed*.wasm', (route) => route.fulfill(missing));
      for (const threads of [1, 2]) {
        const backend = await library.page.evaluate(async (threads) => {
          const classifier = await Classifier.load({ backend: 'cpu', threads });
          await classifier.classify(picture());
          return classifier.backend;
        }, threads);
        assert.equal(backend.simd, 'simd128');
        assert.equal(backend.threads, threads);
        assert.match(backend.reason ?? '', /^simd128: .*reslens-cpu-relaxed.*status 404/);
      }
      library.complaints.splice(0); // the browser's messages about the missing files
      await library.close();
    } finally {
      await site.stop();
    }
  });

  it('uses the first file while the others are being built', async () => {
    const site = await startSite();
    try {
      const library = await openLibrary(browser, site.url);
      await standIn(library.page.context(), ['reslens-cpu-relaxed*', 'reslens-cpu-*-threads']);
      const backend = await library.page.evaluate(async () => {
        const classifier = await Classifier.load({ backend: 'cpu', threads: 2 });
        await classifier.classify(picture());
        return classifier.backend;
      });
      assert.deepEqual([backend.simd, backend.threads], ['simd128', 1]);
      assert.match(backend.reason ?? '', /^one thread: .*is not built yet: reload the page when/);
      await library.close(); // which also asserts that the console is clean
    } finally {
      await site.stop();
    }
  });

  it('falls back to one thread if a thread does not start', async () => {
    const site = await startSite();
    try {
      const library = await openLibrary(browser, site.url);
      const backend = await library.page.evaluate(async () => {
        let started = 0; // the first one is the engine's
        const worker = () => new Worker(started++ ? 'missing.js' : 'worker.js', { type: 'module' });
        const classifier = await Classifier.load({ backend: 'cpu', threads: 2, worker });
        await classifier.classify(picture());
        return classifier.backend;
      });
      assert.equal(backend.threads, 1);
      assert.match(backend.reason ?? '', /one thread: a thread did not start/);
      await waitForWorkers(library.page, 1);
      library.complaints.splice(0); // the browser's message about the missing file
      await library.close();
    } finally {
      await site.stop();
    }
  });

  it('the worker itself cannot reach another site', async () => {
    const site = await startSite();
    try {
      const library = await openLibrary(browser, site.url);
      await library.page.evaluate(async () => {
        globalThis.classifier = await Classifier.load({ threads: 1 });
      });
      const [worker] = library.page.workers();
      const refused = await worker.evaluate(() =>
        fetch('https://reslens.test/frame', { method: 'POST', mode: 'no-cors', body: 'x' }).then(
          () => 'sent',
          (error) => error.name,
        ),
      );
      assert.equal(refused, 'TypeError');
      assert.deepEqual(library.foreign, []);
      library.complaints.splice(0); // the policy's report of this attempt
      await library.close();
    } finally {
      await site.stop();
    }
  });

  it('importing uses neither window nor navigator', async () => {
    for (const name of ['window', 'navigator']) {
      const get = () => assert.fail(`${name} was touched`);
      Object.defineProperty(globalThis, name, { configurable: true, get }); // newer Node has a navigator
    }
    const { Classifier } = await import(new URL('../../www/reslens.js', import.meta.url).href);
    await assert.rejects(Classifier.load({ backend: 'none' }), { name: 'InputInvalid' });
    await assert.rejects(Classifier.load(), { name: 'BackendUnavailable', message: /needs a browser/ });
  });
});
