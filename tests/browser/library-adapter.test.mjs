// The choice of a backend: it depends on what WebGPU offers, before any file of its engine is fetched.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, WEBGPU } from './support/browser.mjs';
import { openChanged } from './support/gpu.mjs';
import { startSite } from './support/site.mjs';

describe('the choice of a backend', () => {
  /** Browsers: one without any adapter, one with a software adapter. */
  let none, software, site;
  before(async () => {
    [none, software, site] = await Promise.all([launch(), launch(WEBGPU), startSite()]);
  });
  after(() => Promise.all([none?.close(), software?.close(), site?.stop()]));

  /** Loads with a changed worker; resolves with the outcome and the files of the WebGPU engine that were fetched. */
  async function load(browser, options, ...changes) {
    const library = await openChanged(browser, site.url, ...changes);
    /** @type {string[]} */
    const fetched = [];
    library.page.context().on('request', (request) => {
      if (request.url().includes('reslens-webgpu')) fetched.push(request.url());
    });
    const found = await library.page.evaluate(async (options) => {
      const { value, ...error } = await outcome(Classifier.load({ threads: 1, ...options }));
      if (!value) return { error };
      const logit = best(await value.classify(picture())).logit;
      return { backend: value.backend, logit };
    }, options);
    await library.close();
    return { ...found, fetched };
  }

  const noWebGpu = () => Reflect.deleteProperty(Object.getPrototypeOf(navigator), 'gpu');

  for (const [what, browser, changes, reason] of /** @type {[string, () => any, any[], RegExp][]} */ ([
    ['there is no WebGPU', () => none, [noWebGpu], /no WebGPU/],
    ['there is no adapter', () => none, [], /no adapter: there is no GPU/],
    [
      'asking for an adapter fails',
      () => none,
      [() => { GPU.prototype.requestAdapter = () => Promise.reject(new Error('blocked')); }],
      /no adapter: blocked/,
    ],
    ['the adapter is software', () => software, [], /adapter \(google swiftshader\) is software, slower/],
    [
      'the adapter is a fallback by its own word',
      () => software,
      [() => {
        const info = { vendor: 'acme', architecture: '', device: '', description: 'Acme One', isFallbackAdapter: true };
        Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => info });
      }],
      /adapter \(Acme One\) is software/,
    ],
  ])) {
    it(`'auto' uses the CPU where ${what}, and says so`, async () => {
      const { backend, fetched } = await load(browser(), {}, ...changes);
      assert.equal(backend.kind, 'cpu');
      assert.equal(backend.requested, 'auto');
      assert.equal(backend.adapter, null);
      assert.equal(backend.memory.gpu, 0);
      assert.match(backend.reason, reason);
      assert.deepEqual(fetched, []);
    });
  }

  it("'webgpu' rejects if there is no adapter", async () => {
    const { error, fetched } = await load(none, { backend: 'webgpu' });
    assert.equal(error.name, 'BackendUnavailable');
    assert.equal(error.isError, true);
    assert.match(error.message, /no adapter/);
    assert.deepEqual(fetched, []);
  });

  it("'webgpu' rejects if there is no WebGPU", async () => {
    const { error } = await load(none, { backend: 'webgpu' }, noWebGpu);
    assert.equal(error.name, 'BackendUnavailable');
    assert.match(error.message, /no WebGPU/);
  });

  it("'cpu' never uses WebGPU, not even for fault injection", async () => {
    for (const simulate of [undefined, 'no-adapter', 'wrong-gpu']) {
      const { backend, fetched } = await load(software, { backend: 'cpu', simulate }, () => {
        const touched = () => {
          throw new Error('touched');
        };
        Object.defineProperty(Object.getPrototypeOf(navigator), 'gpu', { get: touched });
        GPU.prototype.requestAdapter = touched;
      });
      assert.deepEqual([backend.kind, backend.reason, fetched], ['cpu', null, []]);
    }
  });
});
