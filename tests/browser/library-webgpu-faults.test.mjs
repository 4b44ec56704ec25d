// Faults of the GPU, caused where real ones happen: each becomes a typed error or a fall-back, never a wrong answer, a
// lost call or an endless wait.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { launch, WEBGPU } from './support/browser.mjs';
import { claimHardware, countGpu, engineOf, holdResults, keepDevices, openChanged } from './support/gpu.mjs';
import { standIn, startSite } from './support/site.mjs';
import { actInEngine, openExports } from './support/workers.mjs';

describe('faults of the GPU', () => {
  let browser, site;
  /** The pages that a test opened; closed after each test. */
  let opened = [];
  before(async () => {
    [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  afterEach(async () => {
    const libraries = opened;
    opened = [];
    for (const library of libraries) await library.close();
  });

  async function open(...changes) {
    const library = await openChanged(browser, site.url, ...changes);
    opened.push(library);
    return library;
  }

  /** Loads; resolves with the error, or with the backend and one answer. */
  const load = (page, options) =>
    page.evaluate(async (options) => {
      globalThis.backends = [];
      const { value, ...error } = await outcome(
        Classifier.load({ threads: 1, onBackend: (backend) => backends.push(backend), ...options }),
      );
      globalThis.classifier = value;
      if (!value) return { error };
      return { backend: value.backend, logits: [...(await logitsOfNoise())] };
    }, options);

  /** The CPU's answer, which every engine must give. */
  let expected;
  before(async () => {
    const library = await openChanged(browser, site.url);
    await install(library.page);
    ({ logits: expected } = await load(library.page, { backend: 'cpu' }));
    await library.close();
  });

  const install = (page) =>
    page.evaluate(() => {
      const noise = Float32Array.from({ length: 3072 }, (_, i) => 2 * Math.sin(i * i));
      globalThis.logitsOfNoise = async () =>
        (await classifier.logits(noise, { shape: [1, 3, 32, 32] })).logits;
    });

  function assertEqual(logits) {
    const largest = Math.max(...expected.map(Math.abs));
    const off = Math.max(...expected.map((value, i) => Math.abs(value - logits[i])));
    assert.ok(off <= 1e-3 * largest, String(off));
  }

  describe('while it loads', () => {
    /** The device is lost with the first work that it receives. */
    function loseAtOnce() {
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...options) {
        const device = await requestDevice.apply(this, options);
        const { queue } = device;
        queue.submit = () => device.destroy();
        return device;
      };
    }

    /** The adapter cannot provide a device. */
    function refuseDevice() {
      GPUAdapter.prototype.requestDevice = () => Promise.reject(new TypeError('no more devices'));
    }

    const NOTHING = () => {};
    for (const [what, simulate, change, name, message] of /** @type {[string, any, any, string, RegExp][]} */ ([
      ['no adapter', 'no-adapter', NOTHING, 'BackendUnavailable', /no adapter/],
      ['no device', undefined, refuseDevice, 'BackendUnavailable', /no more devices/],
      ['a lost device', undefined, loseAtOnce, 'DeviceLost', /destroyed|lost/i],
      ['no memory', 'oom', NOTHING, 'OutOfMemory', /memory/],
      ['wrong numbers', 'wrong-gpu', NOTHING, 'ParityFailed', /logits|layer/],
      ['silence', 'stall', NOTHING, 'DeviceLost', /not answered within 10 seconds/],
    ])) {
      it(`${what}: 'webgpu' rejects with ${name}, 'auto' uses the CPU`, async () => {
        const [strict, lenient] = await Promise.all([open(change), open(change, claimHardware)]);
        await Promise.all([install(strict.page), install(lenient.page)]);
        const [{ error }, { backend, logits }] = await Promise.all([
          load(strict.page, { backend: 'webgpu', simulate }),
          load(lenient.page, { backend: 'auto', simulate }),
        ]);
        assert.equal(error.name, name, error.message);
        assert.equal(error.isError, true);
        assert.match(error.message, message);
        const { kind, requested, reason, adapter, memory } = backend;
        assert.deepEqual({ kind, requested, adapter }, { kind: 'cpu', requested: 'auto', adapter: null });
        assert.equal(memory.gpu, 0);
        assert.match(reason, message);
        assertEqual(logits);
      });
    }

    it("'auto' uses a GPU that works", async () => {
      const { page } = await open(claimHardware);
      await install(page);
      const { backend, logits } = await load(page, { backend: 'auto' });
      assert.deepEqual([backend.kind, backend.reason, backend.adapter], ['webgpu', null, 'acme rocket']);
      assertEqual(logits);
    });

    it('an engine that is still being built is unavailable, and the reason says so', async () => {
      const library = await open(claimHardware);
      await install(library.page);
      await standIn(library.page.context(), ['reslens-webgpu']);
      const { backend, logits } = await load(library.page, { backend: 'auto' });
      assert.equal(backend.kind, 'cpu');
      assert.match(backend.reason, /is not built yet: reload the page when it is ready/);
      assertEqual(logits);
    });

    it('an engine that cannot be fetched is unavailable', async () => {
      const library = await open(claimHardware);
      await install(library.page);
      await library.page.context().route('**/reslens-webgpu.wasm', (route) => route.fulfill({ status: 404, body: '' }));
      const { backend, logits } = await load(library.page, { backend: 'auto' });
      assert.equal(backend.kind, 'cpu');
      assert.match(backend.reason, /reslens-webgpu\.wasm cannot be loaded: status 404/);
      assertEqual(logits);
      library.complaints.splice(0); // the browser's message about the missing file
    });

    it('minimum limits are enough', async () => {
      const { page } = await open(keepDevices);
      await install(page);
      const { backend, logits } = await load(page, { backend: 'webgpu', simulate: 'min-limits' });
      assert.equal(backend.kind, 'webgpu');
      assertEqual(logits);
      const limits = await (await engineOf(page)).evaluate(() => {
        const [{ limits }] = devices;
        const { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup } = limits;
        return { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup };
      });
      assert.deepEqual(limits, {
        maxBufferSize: 2 ** 28,
        maxStorageBufferBindingSize: 2 ** 27,
        maxComputeInvocationsPerWorkgroup: 256,
      });
    });
  });

  describe('while it runs', () => {
    let page, library;
    beforeEach(async () => {
      library = await open(countGpu, keepDevices, holdResults);
      page = library.page;
      await install(page);
    });

    /** Makes three calls at a time, the first of which the GPU does not answer. */
    async function assertNoCallIsLost(reason) {
      const { logits, kinds, backend, order } = await page.evaluate(async () => {
        const kinds = [];
        const order = [];
        const calls = [0, 1, 2].map(async (i) => {
          const answer = [...(await logitsOfNoise())];
          kinds.push(classifier.backend.kind);
          order.push(i);
          return answer;
        });
        return { logits: await Promise.all(calls), kinds, order, backend: classifier.backend };
      });
      for (const each of logits) assertEqual(each);
      assert.deepEqual(order, [0, 1, 2]);
      assert.equal(kinds.at(-1), 'cpu');
      const { kind, requested, adapter, memory } = backend;
      assert.deepEqual({ kind, requested, adapter }, { kind: 'cpu', requested: 'webgpu', adapter: null });
      assert.equal(memory.gpu, 0);
      assert.match(backend.reason, reason);
      // Reported once, with the present state; and no GPU memory is left.
      assert.deepEqual(await page.evaluate(() => backends.map(({ kind }) => kind)), ['cpu']);
      const { buffers } = await (await engineOf(page)).evaluate(() => globalThis.gpu);
      assert.equal(buffers, 0);
    }

    /** After a loss the GPU is opened again without a request, and answers correctly. */
    async function assertItComesBack() {
      await page.waitForFunction(() => backends.length === 2);
      const { backend, logits } = await page.evaluate(async () => {
        const logits = [...(await logitsOfNoise())];
        return { logits, backend: classifier.backend };
      });
      assert.deepEqual([backend.kind, backend.reason], ['webgpu', null]);
      assert.ok(backend.adapter);
      assertEqual(logits);
      const [lost, fresh] = await (await engineOf(page)).evaluate(async () => {
        const later = () => new Promise((resolve) => setTimeout(resolve, 0, false));
        const isLost = ({ lost }) => Promise.race([lost.then(() => true), later()]);
        return Promise.all(devices.map(isLost));
      });
      assert.deepEqual([lost, fresh], [true, false]);
    }

    it('a device that is lost during a call', async () => {
      // `load` below makes the first of the calls.
      const { backend, logits } = await load(page, { backend: 'webgpu', simulate: 'device-lost' });
      assert.equal(backend.kind, 'webgpu');
      assertEqual(logits);
      const kinds = () => page.evaluate(() => backends.map(({ kind }) => kind));
      assertEqual(await page.evaluate(async () => [...(await logitsOfNoise())]));
      assert.deepEqual(await kinds(), []);
      await assertNoCallIsLost(/WebGPU was given up: .*(destroyed|lost)/i);
      await assertItComesBack();
    });

    it('a device that is lost with two calls in flight', async () => {
      await load(page, { backend: 'webgpu' });
      await (await engineOf(page)).evaluate(() => globalThis.results.hold());
      const lost = assertNoCallIsLost(/destroyed|lost/i);
      await actInEngine(page, async () => {
        await globalThis.results.asked(2);
        devices.forEach((device) => device.destroy());
        globalThis.results.release();
      });
      await lost;
      await assertItComesBack();
    });

    it('weights that vanish from the GPU', async () => {
      await load(page, { backend: 'webgpu', simulate: 'wrong-later' });
      const answers = await page.evaluate(async () => {
        const answers = [];
        // `load` made the first call; the GPU is checked after 200.
        for (let call = 2; call <= 201; call++) {
          const answer = [...(await logitsOfNoise())];
          if ([2, 4, 200, 201].includes(call)) answers.push({ call, answer, kind: classifier.backend.kind });
        }
        return answers;
      });
      assert.deepEqual(answers.map(({ call, kind }) => [call, kind]), [[2, 'webgpu'], [4, 'webgpu'], [200, 'webgpu'], [201, 'cpu']]);
      assertEqual(answers[0].answer);
      assert.notDeepEqual(answers[1].answer, answers[0].answer, 'the drill makes them wrong');
      assertEqual(answers[3].answer);
      await assertNoCallIsLost(/WebGPU was given up: .*(logits|layer)/);
    });

    it('a device that is lost between two calls', async () => {
      await load(page, { backend: 'webgpu' });
      await (await engineOf(page)).evaluate(() => devices.forEach((device) => device.destroy()));
      await assertNoCallIsLost(/destroyed|lost/i);
      await assertItComesBack();
    });

    for (const [what, sabotage, reason, noisy] of /** @type {[string, () => void, RegExp, boolean][]} */ ([
      [
        'a silence of ten seconds',
        () => { GPUBuffer.prototype.mapAsync = () => new Promise(() => {}); },
        /not answered within 10 seconds/,
        false,
      ],
      [
        'a panic of the engine where nobody waits for it',
        () => { GPUCommandEncoder.prototype.finish = () => { throw new Error('unfinished'); }; },
        /the WebGPU engine crashed .*unfinished/,
        true,
      ],
      [
        'results that cannot be read',
        () => { GPUBuffer.prototype.getMappedRange = () => { throw new Error('unmapped'); }; },
        /its results cannot be read: .*unmapped[^\n]*$/,
        false,
      ],
      [
        'memory that runs out',
        () => { GPUDevice.prototype.popErrorScope = async () => new GPUOutOfMemoryError('full'); },
        /memory/,
        false,
      ],
      [
        'an error of validation',
        () => { GPUDevice.prototype.popErrorScope = async () => new GPUValidationError('invalid'); },
        /invalid/,
        false,
      ],
    ])) {
      it(what, async () => {
        assert.equal((await load(page, { backend: 'webgpu' })).backend.kind, 'webgpu');
        await (await engineOf(page)).evaluate(sabotage);
        await assertNoCallIsLost(reason);
        if (noisy) library.complaints.splice(0); // Rust's message about its panic
      });
    }
  });

  describe('a crash of the worker itself', () => {
    /** Makes the next picture crash the worker. */
    const crash = async (page) =>
      (await engineOf(page)).evaluate(() => {
        OffscreenCanvas.prototype.getContext = () => {
          throw new Error('broken');
        };
      });

    /** Makes a call that crashes, and one after it. */
    const crashAndGoOn = (page) =>
      page.evaluate(async () => {
        // Too long for a texture, so the worker reads the pixels.
        const calls = [classifier.classify(picture(20000, 40)), logitsOfNoise().then((logits) => [...logits])];
        const [crashed, next] = await Promise.all(calls.map(outcome));
        return { crashed, next, backend: classifier.backend, kinds: backends.map(({ kind }) => kind) };
      });

    it('is survived: the next call starts a new worker with its GPU', async () => {
      const { page } = await open(countGpu);
      await install(page);
      await load(page, { backend: 'webgpu' });
      await crash(page);
      const { crashed, next, backend, kinds } = await crashAndGoOn(page);
      assert.equal(crashed.name, 'BackendUnavailable');
      assert.match(crashed.message, /the engine crashed \(broken\)/);
      assertEqual(next.value);
      assert.deepEqual([backend.kind, backend.reason, kinds], ['webgpu', null, ['webgpu']]);
    });

    it('after a fall-back does not bring the GPU back', async () => {
      const { page } = await open(keepDevices);
      await install(page);
      await load(page, { backend: 'webgpu' });
      await (await engineOf(page)).evaluate(() => devices.forEach((device) => device.destroy()));
      assertEqual(await page.evaluate(async () => [...(await logitsOfNoise())]));
      await crash(page);
      const { next, backend, kinds } = await crashAndGoOn(page);
      assertEqual(next.value);
      assert.deepEqual([backend.kind, backend.requested, kinds], ['cpu', 'webgpu', ['cpu', 'cpu']]);
      assert.match(backend.reason, /WebGPU was given up/);
    });
  });

  describe('a kernel that computes wrong numbers', () => {
    it('changes logits and maps, which the check compares', async () => {
      // Injects the fault `wrong-gpu`, without the check that would reject it.
      const library = await open(openExports, () => {
        globalThis.changeExports = (exports) => {
          if ('engine_check' in exports) exports.engine_check = async () => {};
        };
      });
      const off = await library.page.evaluate(async () => {
        const answer = async (backend) => {
          const each = await Classifier.load({ backend, threads: 1, simulate: 'wrong-gpu' });
          const input = new Float32Array(3072).fill(0.5);
          return each.logits(input, { shape: [1, 3, 32, 32], taps: 'all', reduce: 'mean' });
        };
        const difference = (a, b) =>
          Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / Math.max(...b.map(Math.abs));
        const [found, right] = [await answer('webgpu'), await answer('cpu')];
        return {
          logits: difference(found.logits, right.logits),
          maps: found.taps?.map(({ output }, i) => difference(output.data, right.taps?.[i].output.data)) ?? [],
        };
      });
      assert.ok(off.logits > 1e-3, String(off.logits));
      assert.ok(Math.max(...off.maps) > 1e-3, String(off.maps));
    });
  });
});
