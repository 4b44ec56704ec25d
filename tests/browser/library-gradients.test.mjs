// The library's gradients: by autodiff in a separate worker, compared with the engine on every call.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';
import { repeats } from './support/soak.mjs';
import { changeWorkers, openExports } from './support/workers.mjs';

const CALLS = repeats(3, 200);

describe('gradients', () => {
  let browser, site, library, page;
  const fetched = [];
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    page.context().on('request', (request) => fetched.push(new URL(request.url()).pathname));
    // In the gradients' worker: `sabotage()` makes its next call trap; `wasmBytes()` returns its memory.
    await changeWorkers(page, openExports, () => {
      globalThis.changeExports = (exports) => {
        const differentiate = exports.autograd_gradients;
        if (!differentiate) return;
        globalThis.wasmBytes = () => exports.memory.buffer.byteLength;
        globalThis.sabotage = () => {
          exports.autograd_gradients = (_, ...rest) => differentiate(0x3fffffff, ...rest);
        };
      };
    });
    await page.evaluate(async () => {
      globalThis.classifier = await Classifier.load({ threads: 1, backend: 'cpu' });
    });
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  /** The worker that computes gradients: the one that was started last. */
  const gradientWorker = () => page.workers().at(-1);

  it('are fetched with the first call, which reports', async () => {
    assert.ok(!fetched.includes('/reslens-train.wasm'));
    const { found, phases, top, names } = await page.evaluate(async () => {
      const phases = new Set();
      const found = await classifier.gradients(picture(), { onProgress: ({ phase, loaded }) => loaded > 0 && phases.add(phase) });
      const { predictions: [top] } = await classifier.classify(picture());
      return { found, phases: [...phases], top, names: classifier.model.blocks.map(({ name }) => name) };
    });
    assert.ok(fetched.includes('/reslens-train.wasm'));
    assert.deepEqual(phases, ['runtime']);
    const { of, index, label, value, blocks, weights, maps, timings, ...rest } = found;
    assert.deepEqual([of, index, label, weights, maps, rest], ['logit', top.index, top.label, undefined, [], {}]);
    assert.ok(Math.abs(value - top.logit) < 1e-3 * Math.abs(top.logit));
    assert.deepEqual(blocks.map(({ block }) => block), names);
    blocks.forEach(({ output, sum, viaShortcut, viaResidual, input }, at) => {
      assert.ok(output > 0 && sum > 0 && sum <= output && viaShortcut > 0 && viaResidual > 0, names[at]);
      assert.ok(input <= 1.001 * (viaShortcut + viaResidual), names[at]);
      if (at > 0) assert.ok(Math.abs(input - blocks[at - 1].output) < 1e-4 * input, `${names[at]}: input and the output before`);
    });
    const { preprocess, forward, backward, total } = timings;
    assert.ok(preprocess > 0 && forward > 0 && backward > 0 && total >= forward + backward, JSON.stringify(timings));
  });

  it('are those of the requested value', async () => {
    const { loss, cuts, numbers } = await page.evaluate(async () => {
      const ablate = ['layer2.1', { block: 'layer3.1', path: 'shortcut' }];
      const input = new Float32Array(3 * 32 * 64).map((_, i) => Math.sin(i));
      return {
        loss: await classifier.gradients(picture(), { of: 'loss', index: 7, weights: true }),
        cuts: await classifier.gradients(picture(), { ablate, maps: ['layer3.1', 'layer1.0'] }),
        numbers: await classifier.gradients(input, { shape: [1, 3, 32, 64], maps: 'all' }),
      };
    });
    assert.deepEqual([loss.of, loss.index], ['loss', 7]);
    assert.ok(loss.value > 0);
    assert.equal(loss.weights.length, 21);
    assert.deepEqual([loss.weights[0].name, loss.weights[20].name], ['conv1', 'fc']);
    for (const { name, weight, gradient } of loss.weights) assert.ok(weight > 0 && gradient > 0, name);
    assert.deepEqual([cuts.blocks[3].viaResidual, cuts.blocks[5].viaShortcut], [0, 0]);
    assert.ok(cuts.blocks[3].viaShortcut > 0 && cuts.blocks[5].viaResidual > 0);
    assert.deepEqual(cuts.maps.map(({ block, height, width }) => [block, height, width]), [['layer1.0', 32, 32], ['layer3.1', 8, 8]]);
    assert.equal(numbers.maps.length, 8);
    for (const { data, height, width, min } of numbers.maps) assert.ok(data.length === height * width && min >= 0);
  });

  it('give the exact evidence map at the last block, with negative cells at 0', async () => {
    const { map, cam } = await page.evaluate(async () => {
      const { cam } = await classifier.classify(picture(), { cam: true });
      const { maps: [map] } = await classifier.gradients(picture(), { maps: ['layer4.1'] });
      return { map: [...map.data], cam: [...cam.total.data] };
    });
    const largest = Math.max(...cam);
    cam.forEach((cell, at) => assert.ok(Math.abs(map[at] - Math.max(0, cell)) < 1e-3 * largest, `cell ${at}`));
  });

  it('answer the example of the documents', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, example] = /automatic differentiation, gives Grad-CAM:[^`]*```js\n([\s\S]*?)```/.exec(readme) ?? [];
    assert.ok(example && example.trim().split('\n').length <= 10);
    const drawn = await page.evaluate(async (example) => {
      const AsyncFunction = (async () => {}).constructor;
      await /** @type {any} */ (AsyncFunction)('classifier', 'picture', example)(classifier, picture());
      const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas:last-of-type'));
      return [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [])];
    }, example);
    assert.equal(drawn.length, 4 * 16);
    assert.ok(drawn.some((byte) => byte > 100));
  });

  it('refuse what cannot be differentiated, and go on', async () => {
    const errors = await page.evaluate(() => {
      const nan = new Float32Array(3 * 32 * 32).fill(NaN);
      const shape = [1, 3, 32, 32];
      const calls = [
        [picture(), { of: 'entropy' }], [picture(), { index: 50 }], [picture(), { index: 0.5 }], [picture(), { ablate: ['layer9.0'] }],
        [picture(), { ablate: ['layer1.0', { block: 'layer1.0', path: 'shortcut' }] }], [picture(), { maps: ['stem'] }],
        [picture(), { maps: 'some' }], [picture(), { weights: 'yes' }], [nan, { shape }], [nan, { shape: [1, 3, 32, 33] }],
        [new Float32Array(2 * 3 * 32 * 32), { shape: [2, 3, 32, 32] }], ['cat.jpg', {}], [picture(), { onProgress: 1 }], [picture(), { map: 'all' }],
        [new Blob(['no picture']), {}],
      ];
      return Promise.all(calls.map(([source, options]) => outcome(classifier.gradients(source, options))));
    });
    for (const [at, { name, message }] of errors.entries()) assert.equal(name, 'InputInvalid', `${at}: ${message}`);
    assert.ok((await page.evaluate(() => outcome(classifier.gradients(picture())))).value);
  });

  it('are aborted by their signal, while the classifier goes on answering', async () => {
    const { aborted, early, order, next } = await page.evaluate(async () => {
      const order = [];
      const controller = new AbortController();
      const aborted = outcome(classifier.gradients(picture(), { signal: controller.signal }));
      const slow = classifier.gradients(picture(), { weights: true }).then(() => order.push('gradients'));
      await classifier.classify(picture());
      order.push('classify');
      controller.abort();
      return {
        aborted: await aborted,
        early: await outcome(classifier.gradients(picture(), { signal: AbortSignal.abort() })),
        order: (await slow, order),
        next: await outcome(classifier.gradients(picture())),
      };
    });
    assert.deepEqual([aborted.name, early.name], ['AbortError', 'AbortError']);
    assert.deepEqual(order, ['classify', 'gradients']);
    assert.ok(next.value);
  });

  it('take no more memory however often they are requested', async () => {
    const call = (/** @type {number} */ count) => page.evaluate(async (count) => {
      for (let at = 0; at < count; at++) await classifier.gradients(picture(), { weights: at % 2 > 0, maps: at % 3 > 0 ? 'all' : 'none' });
    }, count);
    const bytes = () => gradientWorker().evaluate(() => globalThis.wasmBytes());
    await call(3);
    const before = await bytes();
    await call(CALLS);
    assert.equal(await bytes(), before);
  });

  it('survive a crash: its call rejects, the next is answered, and the classifier is not affected', async () => {
    const workers = page.workers().length;
    const found = page.evaluate(async () => {
      globalThis.sabotaged = new Promise((resolve) => (globalThis.go = resolve));
      await globalThis.sabotaged;
      const calls = [classifier.gradients(picture()), classifier.gradients(picture()), classifier.classify(picture())];
      return Promise.all(calls.map(outcome));
    });
    await gradientWorker().evaluate(() => globalThis.sabotage());
    await page.evaluate(() => globalThis.go());
    const [trapped, next, classified] = await found;
    assert.equal(trapped.name, 'BackendUnavailable');
    assert.match(trapped.message, /the engine crashed \(.+\); the next call starts a new one/);
    assert.ok(next.value && classified.value, next.message);
    await waitForWorkers(page, workers);
  });

  it('whose forward pass differs from the engine’s are refused', async () => {
    const error = await page.evaluate(async () => {
      const other = await Classifier.load({ threads: 1, backend: 'cpu' });
      const { logits } = other;
      other.logits = async (...args) => {
        const answer = await logits.apply(other, args);
        answer.logits[3] += 0.1;
        return answer;
      };
      const found = await outcome(other.gradients(picture()));
      await other.dispose();
      return found;
    });
    assert.equal(error.name, 'ParityFailed');
    assert.match(error.message, /logits, off by .* of the largest/);
  });

  it('end with the classifier', async () => {
    const [open, later] = await page.evaluate(async () => {
      const open = outcome(classifier.gradients(picture()));
      await classifier.dispose();
      return [await open, await outcome(classifier.gradients(picture()))];
    });
    assert.deepEqual([open.name, later.name], ['Disposed', 'Disposed']);
    await waitForWorkers(page, 0);
  });
});
