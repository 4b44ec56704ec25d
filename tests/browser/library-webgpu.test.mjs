// The WebGPU engine on a software adapter: it computes what the CPU engine computes, and on the GPU.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, WEBGPU, waitForWorkers } from './support/browser.mjs';
import { countGpu, loadBoth, openChanged } from './support/gpu.mjs';
import { startSite } from './support/site.mjs';

describe('webgpu', () => {
  let browser, site, library, page;
  /** The workers of the two classifiers. */
  let gpu, cpu;
  before(async () => {
    [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
    library = await openChanged(browser, site.url, countGpu);
    page = library.page;
    await loadBoth(page);
    [gpu, cpu] = page.workers();
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  it('reports its backend and adapter', async () => {
    const { gpu, cpu } = await page.evaluate(() => ({
      gpu: classifiers.gpu.backend,
      cpu: classifiers.cpu.backend,
    }));
    assert.deepEqual(
      { ...gpu, memory: null },
      {
        kind: 'webgpu',
        requested: 'webgpu',
        reason: null,
        adapter: 'google swiftshader',
        threads: 1,
        concurrency: 2,
        simd: 'relaxed',
        memory: null,
      },
    );
    assert.ok(gpu.memory.gpu > 1e6, 'the weights are there');
    assert.ok(gpu.memory.wasm < cpu.memory.wasm, "the CPU's engine is not kept");
  });

  it('reports progress: the bytes of both engines, then steps', async () => {
    const { events, sizes } = await page.evaluate(async () => {
      const events = [];
      const onProgress = (progress) => events.push(progress);
      await (await Classifier.load({ backend: 'webgpu', threads: 1, onProgress })).dispose();
      const names = ['reslens-cpu-relaxed.wasm', 'reslens-webgpu.wasm'];
      const files = await Promise.all(names.map(async (name) => (await fetch(name)).blob()));
      return { events, sizes: files.map(({ size }) => size) };
    });
    const compiled = events.filter(({ phase }) => phase === 'compile');
    const kernels = compiled.at(-1).total - 1;
    assert.ok(kernels >= 10, `${kernels} kernels`);
    assert.equal(compiled.length, 1 + 1 + kernels + 1, 'the CPU, and each kernel');
    const total = { runtime: sizes[0] + sizes[1], compile: 1 + kernels, warmup: 1 };
    for (const phase of ['runtime', 'compile', 'warmup']) {
      const steps = events.filter((event) => event.phase === phase).map(({ loaded }) => loaded);
      assert.deepEqual(steps, [...steps].sort((a, b) => a - b), phase);
      assert.deepEqual(events.findLast((event) => event.phase === phase), {
        phase,
        loaded: total[phase],
        total: total[phase],
        fromCache: false,
      });
    }
  });

  describe('computes what the CPU computes', () => {
    /** Compares the answers to images of noise. */
    async function compare(shape, options) {
      const found = await page.evaluate(
        async ([shape, options]) => {
          const length = shape.reduce((product, size) => product * size);
          const input = Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * i));
          return differences('logits', input, { shape, ...options });
        },
        [shape, options],
      );
      assert.deepEqual(found.filter(({ off }) => !(off <= 1e-3)), []);
      return found.length;
    }

    for (const reduce of ['mean-abs', 'mean', 'max-abs', { channel: 7 }]) {
      it(`logits and the maps of all blocks, by ${JSON.stringify(reduce)}`, async () => {
        assert.equal(await compare([1, 3, 64, 32], { taps: 'all', reduce }), 1 + 8 * 5);
      });
    }

    it('with blocks left out', async () => {
      const ablate = ['layer1.1', 'layer3.0'];
      const taps = ['layer1.1', 'layer3.0', 'layer4.1'];
      assert.equal(await compare([1, 3, 32, 64], { taps, ablate, reduce: 'mean' }), 1 + 3 * 5);
    });

    it('without maps, of two images at once', async () => {
      assert.equal(await compare([2, 3, 32, 96], {}), 1);
    });

    it('pictures', async () => {
      const [found, expected] = await page.evaluate(() =>
        Promise.all([classifiers.gpu, classifiers.cpu].map((each) => each.classify(picture()))),
      );
      const names = ({ predictions }) => predictions.map(({ label }) => label);
      assert.deepEqual(names(found), names(expected));
      const { preprocess, inference, readback, total } = found.timings;
      for (const time of [preprocess, inference, readback]) assert.ok(time >= 0 && time <= total);
    });

    it('features', async () => {
      const [{ off }] = await page.evaluate(() => differences('embed', picture()));
      assert.ok(off <= 1e-3, String(off));
    });
  });

  it('logits are the same with and without maps', async () => {
    const off = await page.evaluate(async () => {
      const [plain, tapped] = await Promise.all(
        [{}, { taps: 'all' }].map((options) =>
          classifiers.gpu.logits(new Float32Array(3072).fill(0.5), { shape: [1, 3, 32, 32], ...options }),
        ),
      );
      return Math.max(...plain.logits.map((value, i) => Math.abs(value - tapped.logits[i])));
    });
    assert.equal(off, 0);
  });

  it('runs on the GPU, and the CPU engine never runs', async () => {
    const frame = () =>
      page.evaluate(() =>
        Promise.all(
          Object.values(classifiers).map((each) =>
            each.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] }),
          ),
        ),
      );
    const dispatches = (worker) => worker.evaluate(() => globalThis.gpu.dispatches);
    await frame();
    const before = await dispatches(gpu);
    await frame();
    assert.ok((await dispatches(gpu)) - before >= 20);
    assert.equal(await dispatches(cpu), 0);
  });

  it('creates nothing for a frame like an earlier one: no buffer, no bind group, no pipeline', async () => {
    const frames = (count) =>
      page.evaluate(async (count) => {
        for (let i = 0; i < count; i++) {
          await classifiers.gpu.classify(picture());
          await classifiers.gpu.classify(picture(), { taps: 'all' });
          await classifiers.gpu.classify(picture(), { taps: 'all', reduce: { channel: i } });
        }
      }, count);
    const counts = () => gpu.evaluate(() => ({ ...globalThis.gpu }));
    await frames(2);
    const before = await counts();
    await frames(5);
    const after = await counts();
    assert.equal(after.made, before.made);
    assert.equal(after.buffers, before.buffers);
    assert.equal(after.submissions - before.submissions, 15, 'one for each frame');
  });

  it('refuses what the CPU engine refuses, in the same words, and goes on', async () => {
    const { pairs, kind } = await page.evaluate(async () => {
      const calls = [
        (each) => each.classify(picture(), { topK: 51 }),
        (each) => each.classify(picture(), { taps: ['layer9.0'] }),
        (each) => each.logits(new Float32Array(3072).fill(NaN), { shape: [1, 3, 32, 32] }),
        (each) => each.logits(new Float32Array(5), { shape: [1, 3, 32, 32] }),
        (each) => each.logits(new Float32Array(6144), { shape: [2, 3, 32, 32], taps: 'all' }),
      ];
      const pairs = await Promise.all(
        calls.map((call) => Promise.all(Object.values(classifiers).map((each) => outcome(call(each))))),
      );
      return { pairs, kind: classifiers.gpu.backend.kind };
    });
    for (const [found, expected] of pairs) {
      assert.equal(found.name, 'InputInvalid');
      assert.deepEqual(found, expected);
    }
    assert.equal(kind, 'webgpu');
  });

  it('answers in order', async () => {
    const order = await page.evaluate(async () => {
      const { gpu } = classifiers;
      const order = [];
      const calls = [
        gpu.classify(picture(), { taps: 'all' }),
        gpu.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] }),
        gpu.classify(picture(), { topK: 99 }).catch(() => {}),
        gpu.embed(picture()),
      ];
      await Promise.all(calls.map((call, i) => call.then(() => order.push(i))));
      return order.filter((i) => i !== 2);
    });
    assert.deepEqual(order, [0, 1, 3]);
  });

  it('abort rejects calls on their way to the GPU; the others are answered', async () => {
    const { names, kind } = await page.evaluate(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const { gpu } = classifiers;
      const calls = [
        gpu.classify(picture(), { signal }),
        gpu.embed(picture(), { signal }),
        gpu.classify(picture()),
      ].map(outcome);
      // They are on their way; `library-webgpu-overlap` aborts two that the GPU has.
      await gpu.classify(null).catch(() => controller.abort());
      const names = (await Promise.all(calls)).map(({ name }) => name ?? 'answered');
      return { names, kind: gpu.backend.kind };
    });
    assert.deepEqual(names, ['AbortError', 'AbortError', 'answered']);
    assert.equal(kind, 'webgpu');
  });

  it('dispose rejects the call that the GPU computes, and ends the worker', async () => {
    const workers = page.workers().length;
    const { names, memory } = await page.evaluate(async () => {
      const other = await Classifier.load({ backend: 'webgpu', threads: 1 });
      await other.classify(picture());
      const open = [other.classify(picture()), other.embed(picture())].map(outcome);
      await other.classify(/** @type {any} */ (null)).catch(() => {}); // meanwhile the first one is on its way
      await other.dispose();
      const names = (await Promise.all([...open, outcome(other.classify(picture()))])).map(({ name }) => name);
      return { names, memory: other.backend.memory };
    });
    assert.deepEqual(names, ['Disposed', 'Disposed', 'Disposed']);
    assert.deepEqual(memory, { wasm: 0, gpu: 0 });
    await waitForWorkers(page, workers);
  });
});
