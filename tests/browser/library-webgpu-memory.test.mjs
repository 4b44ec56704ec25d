// The GPU's memory: the reported numbers are true, and it does not grow.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { launch, WEBGPU, waitForWorkers } from './support/browser.mjs';
import { countGpu, engineOf, openChanged } from './support/gpu.mjs';
import { startSite } from './support/site.mjs';
import { repeats } from './support/soak.mjs';

const FRAMES = repeats(60, 2000);
const LOADS = repeats(6, 20);

describe("the GPU's memory", () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    library = await openChanged(browser, site.url, countGpu);
    page = library.page;
  });
  afterEach(() => library.close());

  it(`does not grow over ${FRAMES} frames`, async () => {
    await page.evaluate(async () => {
      globalThis.classifier = await Classifier.load({ backend: 'webgpu', threads: 1 });
    });
    const frames = async (count) => {
      const gpu = await page.evaluate(async (count) => {
        for (let i = 0; i < count; i++) {
          const taps = i % 2 ? 'all' : 'none';
          await classifier.logits(new Float32Array(3072).fill(i), { shape: [1, 3, 32, 32], taps });
        }
        return classifier.backend.memory.gpu;
      }, count);
      return { gpu, ...(await (await engineOf(page)).evaluate(() => globalThis.gpu)) };
    };
    const settled = await frames(20);
    const later = await frames(FRAMES);
    assert.ok(later.buffers <= settled.buffers, `${settled.buffers} buffers became ${later.buffers}`);
    assert.ok(later.bytes <= settled.bytes, `${settled.bytes} bytes became ${later.bytes}`);
    assert.ok(later.gpu <= settled.gpu, `memory.gpu: ${settled.gpu} became ${later.gpu}`);
  });

  it(`is all freed by ${LOADS} disposals`, async () => {
    const said = await page.evaluate(async (loads) => {
      globalThis.held = new Map();
      new BroadcastChannel('gpu').onmessage = ({ data }) => held.set(data.worker, data);
      const said = [];
      for (let i = 0; i < loads; i++) {
        const classifier = await Classifier.load({ backend: 'webgpu', threads: 1 });
        await classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] });
        said.push(classifier.backend.memory.gpu);
        await classifier.dispose();
      }
      return said;
    }, LOADS);
    assert.deepEqual(said, Array(LOADS).fill(said[0]));
    // The last messages of the workers may arrive after they have ended.
    await page.waitForFunction(
      (loads) => held.size === loads && [...held.values()].every(({ buffers, bytes }) => !buffers && !bytes),
      LOADS,
    );
    await waitForWorkers(page, 0);
  });
});
