// Calls: their answers, order, abort, disposal, and refused arguments.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const PARTS = ['input', 'shortcut', 'residual', 'sum', 'output'];

describe('calls', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    await page.evaluate(async () => {
      globalThis.classifier = await Classifier.load({ threads: 1 });
    });
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  const call = (method, ...args) =>
    page.evaluate(
      async ([method, args]) => {
        const source = method === 'logits' ? [] : [picture()];
        return outcome(classifier[method](...source, ...args));
      },
      [method, args],
    );

  describe('classify', () => {
    it('gives the most probable classes first, with measured times', async () => {
      const { value } = await call('classify');
      const { predictions, abstained, taps, timings } = value;
      assert.equal(predictions.length, 5);
      for (const [i, { index, label, probability, logit }] of predictions.entries()) {
        assert.ok(Number.isInteger(index) && label.length > 0 && Number.isFinite(logit));
        assert.ok(probability > 0 && probability <= (predictions[i - 1]?.probability ?? 1));
      }
      assert.equal(typeof abstained, 'boolean');
      assert.equal(taps, undefined);
      const { preprocess, inference, ranking, readback, total } = timings;
      for (const time of [preprocess, inference, readback]) assert.ok(time >= 0 && time <= total);
      assert.equal(ranking, readback);
      assert.ok(total > 0);
    });

    it('gives as many classes as requested, with probabilities that add up to 1', async () => {
      const { value } = await call('classify', { topK: 50 });
      const sum = value.predictions.reduce((sum, { probability }) => sum + probability, 0);
      assert.ok(Math.abs(sum - 1) < 1e-4, String(sum));
    });

    it('gives the maps of the requested blocks, in the order of the network', async () => {
      const blocks = await page.evaluate(async () => {
        const { taps } = await classifier.classify(picture(), { taps: ['layer3.1', 'layer1.0'] });
        return taps.map(({ block, ...parts }) => [
          block,
          Object.entries(parts).map(([part, { height, width, channels, data, min, max }]) => ({
            part,
            isArray: data instanceof Float32Array,
            full: data.length === height * width && channels > 0,
            ends: min === Math.min(...data) && max === Math.max(...data),
          })),
        ]);
      });
      const parts = PARTS.map((part) => ({ part, isArray: true, full: true, ends: true }));
      assert.deepEqual(blocks, [
        ['layer1.0', parts],
        ['layer3.1', parts],
      ]);
    });

    it("gives every block for 'all', and the same logits with and without maps", async () => {
      const { same, blocks, names } = await page.evaluate(async () => {
        const all = await classifier.classify(picture(), { taps: 'all' });
        const none = await classifier.classify(picture());
        return {
          same: best(all).logit === best(none).logit,
          blocks: all.taps.map(({ block }) => block),
          names: classifier.model.blocks.map(({ name }) => name),
        };
      });
      assert.ok(same);
      assert.deepEqual(blocks, names);
    });

    it('leaves F(x) out of an ablated block', async () => {
      const [residual, sumIsShortcut, changed] = await page.evaluate(async () => {
        const options = { taps: ['layer2.1'], reduce: 'mean' };
        const plain = await classifier.classify(picture(), options);
        const left = await classifier.classify(picture(), { ...options, ablate: ['layer2.1'] });
        const [{ residual, sum, shortcut }] = left.taps;
        const equal = sum.data.every((value, i) => value === shortcut.data[i]);
        return [Math.max(...residual.data.map(Math.abs)), equal, best(left).logit !== best(plain).logit];
      });
      assert.deepEqual([residual, sumIsShortcut, changed], [0, true, true]);
    });

    it('in single channels, shortcut + residual = sum', async () => {
      const off = await page.evaluate(async () => {
        const options = { taps: ['layer4.0'], reduce: { channel: 7 } };
        const { taps } = await classifier.classify(picture(), options);
        const [{ shortcut, residual, sum }] = taps;
        return Math.max(...sum.data.map((value, i) => Math.abs(value - shortcut.data[i] - residual.data[i])));
      });
      assert.ok(off < 1e-4, String(off));
    });
  });

  it('logits: one row for each image, and the input is unchanged', async () => {
    const found = await page.evaluate(async () => {
      const { inputSize } = classifier.model;
      const one = new Float32Array(3 * 64 * 32).map((_, i) => Math.sin(i));
      const two = new Float32Array([...one, ...one.map((value) => -value)]);
      const single = await classifier.logits(one, { shape: [1, 3, 64, 32], taps: ['layer1.0'] });
      const both = await classifier.logits(two, { shape: [2, 3, 64, 32] });
      const plain = await classifier.logits(new Float32Array(3 * inputSize * inputSize));
      const first = both.logits.subarray(0, 50);
      return {
        lengths: [single, both, plain].map(({ logits }) => logits.length),
        off: Math.max(...first.map((value, i) => Math.abs(value - single.logits[i]))),
        taps: [single.taps?.length, both.taps?.length],
        kept: two.length,
      };
    });
    assert.ok(found.off < 1e-3, String(found.off));
    assert.deepEqual(
      { ...found, off: 0 },
      { lengths: [50, 100, 50], off: 0, taps: [1, undefined], kept: 2 * 3 * 64 * 32 },
    );
  });

  it('embed: the pooled features', async () => {
    const found = await page.evaluate(async () => {
      const embedding = await classifier.embed(picture());
      return [embedding instanceof Float32Array, embedding.length, embedding.every(Number.isFinite)];
    });
    assert.deepEqual(found, [true, 512, true]);
  });

  it('features: the same numbers as part of an answer, on request', async () => {
    const found = await page.evaluate(async () => {
      const [embedding, { features }, other] = await Promise.all([
        classifier.embed(picture()),
        classifier.classify(picture(), { features: true, taps: 'all' }),
        classifier.classify(picture()),
      ]);
      return { equal: features.every((value, index) => value === embedding[index]), length: features.length, other: other.features };
    });
    assert.deepEqual(found, { equal: true, length: 512, other: undefined });
  });

  describe('refuses', () => {
    for (const options of [
      5,
      null,
      { topK: 0 },
      { topK: 51 },
      { topK: 1.5 },
      { topK: '3' },
      { taps: 'some' },
      { taps: ['layer9.0'] },
      { reduce: 'median', taps: 'all' },
      { reduce: { channel: 64 }, taps: ['layer1.0'] },
      { reduce: { channel: -1 }, taps: ['layer1.0'] },
      { ablate: ['stem'] },
      { ablate: 'layer1.0' },
      { signal: 'now' },
      { features: 'all' },
      { tap: 'all' },
    ]) {
      it(`classify with ${JSON.stringify(options)}`, async () => {
        const { value, ...error } = await call('classify', options);
        assert.equal(value, undefined);
        assert.equal(error.name, 'InputInvalid', error.message);
        assert.match(error.message, /expected .*found /);
      });
    }

    it('options that are not data', async () => {
      const error = await page.evaluate(() =>
        outcome(classifier.classify(picture(), { taps: () => 'all' })),
      );
      assert.equal(error.name, 'InputInvalid');
    });

    for (const [what, make, message] of /** @type {[string, () => unknown[], RegExp][]} */ ([
      ['a plain array', () => [[1, 2, 3]], /input: expected a Float32Array, found Array/],
      ['nothing', () => [undefined], /input: expected a Float32Array, found undefined/],
      ['doubles', () => [new Float64Array(12)], /found Float64Array/],
      ['a wrong length', () => [new Float32Array(5), { shape: [1, 3, 32, 32] }], /1 × 3 × 32 × 32 values, found 5/],
      ['NaN', () => [new Float32Array(3072).fill(NaN), { shape: [1, 3, 32, 32] }], /NaN/],
      ['∞', () => [new Float32Array(3072).fill(1 / 0), { shape: [1, 3, 32, 32] }], /inf/i],
      ['a batch of none', () => [new Float32Array(0), { shape: [0, 3, 32, 32] }], /found/],
      ['one channel', () => [new Float32Array(1024), { shape: [1, 1, 32, 32] }], /found/],
      ['33 pixels', () => [new Float32Array(3168), { shape: [1, 3, 32, 33] }], /33/],
      ['1056 pixels', () => [new Float32Array(3 * 32 * 1056), { shape: [1, 3, 32, 1056] }], /1056/],
      ['a shape of three', () => [new Float32Array(9), { shape: [3, 32, 32] }], /shape: expected four whole/],
      ['a negative shape', () => [new Float32Array(9), { shape: [-1, 3, 32, 32] }], /shape: .*-1/],
      ['a shape in words', () => [new Float32Array(9), { shape: 'big' }], /shape: .*"big"/],
      ['taps of a batch', () => [new Float32Array(6144), { shape: [2, 3, 32, 32], taps: 'all' }], /taps/],
    ])) {
      it(`logits of ${what}`, async () => {
        const args = await page.evaluateHandle(make);
        const error = await page.evaluate((args) => outcome(classifier.logits(...args)), args);
        assert.equal(error.name, 'InputInvalid', error.message);
        assert.equal(error.isError, true);
        assert.match(error.message, message);
      });
    }
  });

  it('answers in order, however long each source takes to read', async () => {
    const order = await page.evaluate(async () => {
      const large = await new Promise((resolve) => picture(2500, 2000).toBlob(resolve));
      const small = new ImageData(8, 8);
      const order = [];
      const calls = [
        classifier.classify(large),
        classifier.classify(small),
        classifier.embed(picture()),
        classifier.classify(large),
        classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] }),
      ];
      await Promise.all(calls.map((call, i) => call.then(() => order.push(i))));
      return order;
    });
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
  });

  describe('abort', () => {
    it('rejects at once if the signal is aborted already', async () => {
      const error = await page.evaluate(() =>
        outcome(classifier.classify(picture(), { signal: AbortSignal.abort() })),
      );
      assert.equal(error.name, 'AbortError');
    });

    it('rejects calls that are computed and calls that wait; the others are answered', async () => {
      const outcomes = await page.evaluate(async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const calls = [
          classifier.classify(picture(), { signal }),
          classifier.embed(picture(), { signal }),
          classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32], signal }),
          classifier.classify(picture()),
        ].map(outcome);
        controller.abort();
        return (await Promise.all(calls)).map(({ name }) => name ?? 'answered');
      });
      assert.deepEqual(outcomes, ['AbortError', 'AbortError', 'AbortError', 'answered']);
    });

    it('of a picture that is still loading lets the next call go on; the picture is freed', async () => {
      let load = () => {};
      /** @type {Promise<void>} */
      const wanted = new Promise((resolve) => (load = resolve));
      await page.route('**/slow.svg', async (route) => {
        await wanted;
        const body = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
        await route.fulfill({ contentType: 'image/svg+xml', body });
      });
      const taken = await page.evaluateHandle(() => {
        const clone = globalThis.structuredClone;
        const taken = /** @type {ImageBitmap[]} */ ([]);
        globalThis.structuredClone = (value, options) => {
          const copy = clone(value, options);
          if (copy instanceof ImageBitmap) taken.push(copy);
          return copy;
        };
        return taken;
      });
      const outcomes = await page.evaluate(async () => {
        const controller = new AbortController();
        const image = Object.assign(new Image(), { src: 'slow.svg' });
        const calls = [
          classifier.classify(image, { signal: controller.signal }),
          classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] }),
        ].map(outcome);
        controller.abort();
        return (await Promise.all(calls)).map(({ name }) => name ?? 'answered');
      });
      assert.deepEqual(outcomes, ['AbortError', 'answered']);
      load();
      await page.waitForFunction((taken) => taken.length === 1 && taken[0].width === 0, taken);
    });
  });

  it('dispose rejects open and later calls, ends the worker, and may be repeated', async () => {
    const workers = page.workers().length;
    const found = await page.evaluate(async () => {
      const other = await Classifier.load({ threads: 1 });
      const open = [other.classify(picture()), other.embed(picture())].map(outcome);
      await other.dispose();
      await other.dispose();
      const later = [
        other.classify(picture()),
        other.embed(picture()),
        other.logits(new Float32Array(1)),
      ].map(outcome);
      const names = (await Promise.all([...open, ...later])).map(({ name }) => name);
      return { names, model: other.model.architecture, memory: other.backend.memory };
    });
    assert.deepEqual(found, {
      names: Array(5).fill('Disposed'),
      model: 'resnet18',
      memory: { wasm: 0, gpu: 0 },
    });
    await waitForWorkers(page, workers);
  });

  it('two classifiers do not disturb each other', async () => {
    const [a, b] = await page.evaluate(async () => {
      const other = await Classifier.load({ threads: 1 });
      const answers = await Promise.all([classifier.classify(picture()), other.classify(picture())]);
      await other.dispose();
      return answers.map(best);
    });
    assert.deepEqual(a, b);
  });
});
