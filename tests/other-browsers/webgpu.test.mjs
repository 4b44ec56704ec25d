// WebGPU, if the browser has an adapter: the kernels' compiler and the path to the driver differ from Chromium's.
// Without a GPU, Firefox uses lavapipe (Debian: `mesa-vulkan-drivers`).

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { loadBoth } from '../browser/support/gpu.mjs';
import { install } from '../browser/support/library.mjs';
import { startSite } from '../browser/support/site.mjs';
import { repeats } from '../browser/support/soak.mjs';
import { launch } from './support/browser.mjs';

/** The largest difference from the CPU's numbers, relative to an array's largest value. */
const TOLERANCE = 1e-3;

describe('webgpu', () => {
  let browser, site, tab, adapter;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite('--no-trusted-types')]);
    tab = browser.tab;
    await tab.goto(`${site.url}blank`);
    await tab.evaluate(install);
    adapter = await tab.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      return adapter ? [...adapter.features] : null;
    });
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** A test that only a browser with an adapter can run. */
  const withAdapter = (name, run) =>
    it(name, (t) => (adapter ? run(t) : t.skip('this browser finds no adapter')));

  withAdapter('loads', async (t) => {
    const started = performance.now();
    await loadBoth(tab);
    const load = performance.now() - started;
    const { gpu, cpu } = await tab.evaluate(() => ({ gpu: classifiers.gpu.backend, cpu: classifiers.cpu.backend }));
    t.diagnostic(`${browser.version}, ${gpu.adapter}: both engines in ${(load / 1000).toFixed(1)} s; ${adapter.join(' ')}`);
    assert.deepEqual([gpu.kind, gpu.reason, cpu.kind], ['webgpu', null, 'cpu']);
    assert.ok(gpu.memory.gpu > 1e6, 'the weights are there');
  });

  /** Compares the answers to images of noise. */
  async function compare(t, shape, options) {
    const found = await tab.evaluate(
      async ([shape, options]) => {
        const length = shape.reduce((product, size) => product * size);
        const input = Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * i));
        return differences('logits', input, { shape, ...options });
      },
      [shape, options],
    );
    assert.deepEqual(found.filter(({ off }) => !(off <= TOLERANCE)), []);
    t.diagnostic(`off by at most ${Math.max(...found.map(({ off }) => off)).toExponential(1)}`);
    return found.length;
  }

  for (const reduce of ['mean-abs', 'mean', 'max-abs', { channel: 7 }]) {
    withAdapter(`logits and the maps of all blocks are the CPU's, by ${JSON.stringify(reduce)}`, async (t) => {
      assert.equal(await compare(t, [1, 3, 64, 32], { taps: 'all', reduce }), 1 + 8 * 5);
    });
  }

  withAdapter("logits of the model's own size are the CPU's", (t) => compare(t, [1, 3, 128, 128], {}));

  withAdapter('with blocks left out', async (t) => {
    const taps = ['layer1.1', 'layer3.0', 'layer4.1'];
    const options = { taps, ablate: ['layer1.1', 'layer3.0'], reduce: 'mean' };
    assert.equal(await compare(t, [1, 3, 32, 64], options), 1 + 3 * 5);
  });

  withAdapter('two images at once', (t) => compare(t, [2, 3, 32, 96], {}));

  withAdapter("a picture's features are the CPU's", async () => {
    const [{ off }] = await tab.evaluate(() => globalThis.differences('embed', globalThis.picture()));
    assert.ok(off <= TOLERANCE, String(off));
  });

  withAdapter(`nothing grows in ${repeats(50, 500)} frames`, async (t) => {
    const { times, before, after } = await tab.evaluate(async (count) => {
      const { gpu } = classifiers;
      const frame = async () => {
        const { timings } = await gpu.classify(picture(), { taps: 'all' });
        return timings;
      };
      const times = [];
      await frame();
      await frame();
      const before = gpu.backend;
      for (let i = 0; i < count; i++) times.push(await frame());
      return { times, before, after: gpu.backend };
    }, repeats(50, 500));
    assert.deepEqual(after, before);
    assert.equal(after.kind, 'webgpu');
    const median = (key) => Math.round(times.map((each) => each[key]).sort((a, b) => a - b)[times.length >> 1]);
    t.diagnostic(`ms a frame: ${['preprocess', 'inference', 'readback', 'total'].map((key) => `${key} ${median(key)}`).join(', ')}`);
  });

  withAdapter('logs nothing to the console', async (t) => {
    if (!browser.complaints) return t.skip('this driver does not tell');
    assert.deepEqual(browser.complaints, []);
  });

  /**
   * Loads with an injected fault; resolves with the error, or with the backend and whether three answers are the CPU's.
   */
  const drill = (simulate, backend) =>
    tab.evaluate(
      async ([simulate, backend]) => {
        const kinds = [];
        const onBackend = ({ kind }) => kinds.push(kind);
        const { value, ...error } = await outcome(Classifier.load({ backend, threads: 1, simulate, onBackend }));
        if (!value) return { error };
        const noise = Float32Array.from({ length: 3072 }, (_, i) => 2 * Math.sin(i * i));
        const logits = async (each) => (await each.logits(noise, { shape: [1, 3, 32, 32] })).logits;
        const expected = await logits(classifiers.cpu);
        const answers = await Promise.all([value, value, value].map(logits));
        const largest = Math.max(...expected.map(Math.abs));
        const offs = answers.flatMap((answer) => [...answer].map((each, i) => Math.abs(each - expected[i]) / largest));
        const loaded = { kind: value.backend.kind, kinds, off: Math.max(...offs) };
        await value.dispose();
        return loaded;
      },
      [simulate, backend],
    );

  for (const [simulate, name] of [
    ['no-adapter', 'BackendUnavailable'],
    ['oom', 'OutOfMemory'],
    ['wrong-gpu', 'ParityFailed'],
    ['stall', 'DeviceLost'],
  ]) {
    withAdapter(`drill ${simulate}: 'webgpu' rejects with ${name}, 'auto' takes the CPU`, async () => {
      const { error } = await drill(simulate, 'webgpu');
      assert.equal(error?.name, name, error?.message);
      const { kind, off } = await drill(simulate, 'auto');
      assert.equal(kind, 'cpu');
      assert.ok(off <= TOLERANCE, String(off));
    });
  }

  withAdapter('drill device-lost: the CPU takes over in the middle, and no call is lost', async () => {
    const { kinds, off } = await drill('device-lost', 'webgpu');
    assert.equal(kinds[0], 'cpu');
    assert.ok(off <= TOLERANCE, String(off));
  });

  withAdapter('drill min-limits: they are enough', async () => {
    const { kind, off } = await drill('min-limits', 'webgpu');
    assert.equal(kind, 'webgpu');
    assert.ok(off <= TOLERANCE, String(off));
  });
});
