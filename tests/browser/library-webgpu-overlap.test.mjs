// Overlapping calls: the GPU receives the next call before it has answered this one. These tests hold its results back,
// so that events fall between the two for certain.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { launch, WEBGPU, waitForWorkers } from './support/browser.mjs';
import { countCalls, engineOf, holdResults, openChanged } from './support/gpu.mjs';
import { startSite } from './support/site.mjs';

describe('calls that overlap on webgpu', () => {
  let browser, site, library, page, worker;
  before(async () => {
    [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    library = await openChanged(browser, site.url, holdResults, countCalls);
    page = library.page;
    await page.evaluate(async () => {
      globalThis.classifier = await Classifier.load({ backend: 'webgpu', threads: 1 });
      await classifier.classify(picture()); // captures the graph
    });
    worker = await engineOf(page);
  });
  afterEach(() => library?.close());

  /**
   * Makes calls while results are held back, and waits until the GPU has two of them. `found` has their outcomes as
   * they come, and `all` waits for the first `count`.
   * @param {() => Promise<any>[]} make
   */
  async function twoUnderWay(make) {
    await worker.evaluate(() => globalThis.results.hold());
    const made = await page.evaluateHandle(make);
    const follow = await made.evaluateHandle((calls) => {
      const found = /** @type {any[]} */ ([]);
      const told = calls.map(async (call, i) => found.push({ i, ...(await outcome(call)) }));
      return { found, told };
    });
    await worker.evaluate(() => globalThis.results.asked(2));
    const found = () =>
      follow.evaluate(({ found }) =>
        found.map(({ i, name = 'answered', value }) => ({ i, name, total: value?.timings?.total })),
      );
    const names = async () => (await found()).map(({ i, name }) => [i, name]);
    const all = (count = 99) =>
      follow.evaluate(({ told }, count) => Promise.all(told.slice(0, count)).then(() => {}), count);
    return { found, names, all };
  }
  const release = () => worker.evaluate(() => globalThis.results.release());

  it('the GPU has the second before the first is answered, never more than two, and in order', async () => {
    const { found, names, all } = await twoUnderWay(() => [
      classifier.classify(picture()),
      classifier.classify(picture(), { taps: 'all' }),
      classifier.embed(picture()),
      classifier.classify(picture(), { topK: 99 }),
      classifier.classify(picture()),
    ]);
    assert.deepEqual(await names(), []);
    const held = await release();
    await all();
    const outcomes = ['answered', 'answered', 'answered', 'InputInvalid', 'answered'];
    assert.deepEqual(await names(), outcomes.map((name, i) => [i, name]));
    for (const { total } of (await found()).slice(0, 2)) {
      assert.ok(total >= held, `${total} ms, though its results were held back for ${held}`);
    }
    assert.equal(await worker.evaluate(() => globalThis.calls.most), 2);
  });

  it('each gets its own answer, the same as when it is made alone', async () => {
    const same = await page.evaluate(async () => {
      const inputs = [1, 2, 3].map((k) => Float32Array.from({ length: 3072 }, (_, i) => Math.sin(k * i)));
      const ask = (input) => classifier.logits(input, { shape: [1, 3, 32, 32] });
      const alone = [];
      for (const input of inputs) alone.push((await ask(input)).logits.join());
      const together = await Promise.all(inputs.map(ask));
      return together.map(({ logits }, i) => [logits.join() === alone[i], alone.indexOf(alone[i]) === i]);
    });
    assert.deepEqual(same, Array(3).fill([true, true]));
  });

  it('abort rejects both at once; the next is answered', async () => {
    const { names, all } = await twoUnderWay(() => {
      globalThis.controller = new AbortController();
      const { signal } = controller;
      return [
        classifier.classify(picture(), { signal }),
        classifier.embed(picture(), { signal }),
        classifier.classify(picture()),
      ];
    });
    await page.evaluate(() => controller.abort());
    await all(2);
    const aborted = [[0, 'AbortError'], [1, 'AbortError']];
    assert.deepEqual(await names(), aborted);
    await release();
    await all();
    assert.deepEqual(await names(), [...aborted, [2, 'answered']]);
    assert.equal(await page.evaluate(() => classifier.backend.kind), 'webgpu');
  });

  it('dispose rejects both and the waiting calls, and ends the worker', async () => {
    const { names, all } = await twoUnderWay(() => [1, 2, 3].map(() => classifier.classify(picture())));
    await page.evaluate(() => classifier.dispose());
    await all();
    assert.deepEqual(await names(), [[0, 'Disposed'], [1, 'Disposed'], [2, 'Disposed']]);
    await waitForWorkers(page, 0);
  });

  it('a crash rejects its call; a new worker answers the calls after it', async () => {
    await worker.evaluate(() => {
      OffscreenCanvas.prototype.getContext = () => {
        throw new Error('broken');
      };
    });
    const found = await page.evaluate(async () => {
      const ask = () => classifier.logits(new Float32Array(3072).fill(0.5), { shape: [1, 3, 32, 32] });
      const { logits } = await ask();
      // It takes a while to decode, and is too long for a texture.
      const blob = await new Promise((resolve) => picture(20000, 40).toBlob(resolve));
      const order = [];
      const calls = [classifier.classify(blob), ask(), classifier.classify(picture())];
      const outcomes = await Promise.all(
        calls.map((call, i) => outcome(call).finally(() => order.push(i))),
      );
      return {
        order,
        names: outcomes.map(({ name }) => name ?? 'answered'),
        same: outcomes[1].value?.logits.every((value, i) => value === logits[i]),
      };
    });
    assert.deepEqual(found, {
      order: [0, 1, 2],
      names: ['BackendUnavailable', 'answered', 'answered'],
      same: true,
    });
  });
});
