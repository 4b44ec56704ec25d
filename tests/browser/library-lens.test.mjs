// The lens in depth: the library's answers with statistics, cut paths, class activation maps and sweeps.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

describe('the lens', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    await page.evaluate(async () => {
      globalThis.classifier = await Classifier.load({ threads: 1, backend: 'cpu' });
    });
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  it('measures every block, and changes no bit of the logits', async () => {
    const { same, stats, names } = await page.evaluate(async () => {
      const plain = await classifier.classify(picture());
      const all = await classifier.classify(picture(), { stats: 'all', cam: true });
      return {
        same: JSON.stringify(all.predictions) === JSON.stringify(plain.predictions),
        stats: all.stats,
        names: classifier.model.blocks.map(({ name }) => name),
      };
    });
    assert.ok(same);
    assert.deepEqual(stats.map(({ block }) => block), names);
    for (const { block, shortcut, residual, sum, output, ratio, cosine, clipped, ...rest } of stats) {
      assert.deepEqual(rest, {});
      assert.ok(sum >= output && clipped > 0 && clipped < 1, block);
      assert.ok(Math.abs(ratio - residual / shortcut) < 1e-4 * ratio, block);
      const expected = shortcut ** 2 + residual ** 2 + 2 * shortcut * residual * cosine;
      assert.ok(Math.abs(sum ** 2 - expected) < 1e-4 * (shortcut ** 2 + residual ** 2), block);
    }
  });

  it('returns what was requested, and nothing else', async () => {
    const keys = await page.evaluate(async () => {
      const shown = async (options) => {
        const { taps, stats, cam } = await classifier.classify(picture(), options);
        return [taps, stats].map((blocks) => blocks?.map(({ block }) => block)).concat(cam?.index);
      };
      return [
        await shown({}),
        await shown({ stats: 'none', cam: false }),
        await shown({ stats: ['layer4.1', 'layer2.0'], taps: ['layer1.0'], cam: 7 }),
      ];
    });
    const nothing = [null, null, null];
    assert.deepEqual(JSON.parse(JSON.stringify(keys)), [
      nothing,
      nothing,
      [['layer1.0'], ['layer2.0', 'layer4.1'], 7],
    ]);
  });

  it('cuts either path of a block', async () => {
    const found = await page.evaluate(async () => {
      const ablate = ['layer2.1', { block: 'layer3.1', path: 'shortcut' }];
      const { stats, taps, predictions } = await classifier.classify(picture(), { stats: 'all', taps: 'all', ablate });
      const [first, second] = [stats[3], stats[5]];
      return {
        first: [first.residual, first.ratio, first.cosine, first.sum === first.shortcut],
        second: [second.shortcut, second.ratio, second.cosine, second.sum === second.residual],
        maps: [Math.max(...taps[3].residual.data), Math.max(...taps[5].shortcut.data)],
        changed: predictions[0].logit !== (await classifier.classify(picture())).predictions[0].logit,
      };
    });
    assert.deepEqual(found, {
      first: [0, null, null, true],
      second: [0, null, null, true],
      maps: [0, 0],
      changed: true,
    });
  });

  it('splits a logit into its bias and the cells of the last block', async () => {
    const results = await page.evaluate(async () => {
      const sum = (data) => data.reduce((sum, value) => sum + value, 0);
      const split = async (cam) => {
        const { cam: found, predictions } = await classifier.classify(picture(), { cam, topK: 50 });
        const { index, label, logit, bias, total, shortcut, residual } = found;
        const of = predictions.find((prediction) => prediction.index === index);
        const off = total.data.map((cell, i) => Math.abs(cell - shortcut.data[i] - residual.data[i]));
        return {
          index,
          top: predictions[0].index,
          same: label === of.label && logit === of.logit,
          logit: Math.abs(logit - bias - sum(total.data)) / Math.abs(logit),
          cells: Math.max(...off) / Math.abs(logit),
          sizes: [total, shortcut, residual].map(({ height, width, data }) => [height, width, data.length]),
          keys: Object.keys(total).sort(),
        };
      };
      return [await split(true), await split(0), await split(49)];
    });
    for (const { logit, cells, same, sizes, keys } of results) {
      assert.ok(same && logit < 1e-4 && cells < 1e-4, JSON.stringify(results));
      assert.deepEqual(sizes, Array(3).fill([4, 4, 16]));
      assert.deepEqual(keys, ['data', 'height', 'max', 'min', 'width']);
    }
    const [top, first, last] = results;
    assert.deepEqual([top.index, first.index, last.index], [top.top, 0, 49]);
  });

  it('takes the same options for logits', async () => {
    const found = await page.evaluate(async () => {
      const input = new Float32Array(3 * 32 * 64).map((_, i) => Math.sin(i));
      const options = { shape: [1, 3, 32, 64], stats: 'all', cam: 4, ablate: [{ block: 'layer1.0', path: 'shortcut' }] };
      const { stats, cam, logits } = await classifier.logits(input, options);
      return [stats.length, stats[0].shortcut, cam.total.data.length, cam.logit === logits[4]];
    });
    assert.deepEqual(found, [8, 0, 2, true]);
  });

  describe('sweep', () => {
    it('leaves a path out of each block in turn, and reports progress', async () => {
      const found = await page.evaluate(async () => {
        const progress = [];
        const sweep = await classifier.sweep(picture(), {
          path: 'shortcut',
          onProgress: ({ done, total }) => progress.push([done, total]),
        });
        const untouched = await classifier.classify(picture());
        const single = await classifier.classify(picture(), {
          ablate: [{ block: 'layer2.0', path: 'shortcut' }],
          topK: 50,
        });
        return { sweep, progress, untouched: untouched.predictions[0], single: single.predictions };
      });
      const { sweep, progress, untouched, single } = found;
      const { index, label, path, baseline, blocks } = sweep;
      assert.deepEqual({ index, label, ...baseline }, untouched);
      assert.equal(path, 'shortcut');
      assert.deepEqual(blocks.map(({ block }) => block), await page.evaluate(() => classifier.model.blocks.map(({ name }) => name)));
      const { logit, probability, top } = blocks[2];
      const watched = single.find((prediction) => prediction.index === index);
      assert.deepEqual({ logit, probability }, { logit: watched.logit, probability: watched.probability });
      const [{ logit: _, ...best }] = single;
      assert.deepEqual(top, best);
      assert.deepEqual(progress, Array.from({ length: 9 }, (_, done) => [done, 8]));
    });

    it('takes numbers, a class to watch, and paths that are left out throughout', async () => {
      const found = await page.evaluate(async () => {
        const input = new Float32Array(3 * 32 * 64).map((_, i) => Math.cos(i));
        const shape = [1, 3, 32, 64];
        const sweep = await classifier.sweep(input, { shape, index: 5, ablate: ['layer1.1'] });
        const { logits } = await classifier.logits(input, { shape, ablate: ['layer1.1'] });
        const both = await classifier.logits(input, { shape, ablate: ['layer1.1', 'layer4.0'] });
        return {
          same: [sweep.baseline.logit === logits[5], sweep.blocks[6].logit === both.logits[5]],
          again: sweep.blocks[1].logit === sweep.baseline.logit,
          path: sweep.path,
        };
      });
      assert.deepEqual(found, { same: [true, true], again: true, path: 'residual' });
    });

    it('is stopped by its signal between two runs, and the next call is answered', async () => {
      const found = await page.evaluate(async () => {
        const controller = new AbortController();
        const seen = [];
        const sweep = outcome(
          classifier.sweep(picture(), {
            signal: controller.signal,
            onProgress: ({ done }) => {
              seen.push(done);
              if (done === 2) controller.abort();
            },
          }),
        );
        const next = outcome(classifier.classify(picture()));
        return { sweep: (await sweep).name, next: (await next).name ?? 'answered', seen };
      });
      assert.deepEqual(found, { sweep: 'AbortError', next: 'answered', seen: [0, 1, 2] });
    });

    it('is rejected when the classifier is disposed', async () => {
      const workers = page.workers().length;
      const names = await page.evaluate(async () => {
        const other = await Classifier.load({ threads: 1, backend: 'cpu' });
        const sweeps = await new Promise((resolve) => {
          const onProgress = () => resolve([first, second].map(outcome));
          const first = other.sweep(picture(), { onProgress });
          const second = other.sweep(picture());
        });
        await other.dispose();
        const later = outcome(other.sweep(picture()));
        return (await Promise.all([...sweeps, later])).map(({ name }) => name);
      });
      assert.deepEqual(names, ['Disposed', 'Disposed', 'Disposed']);
      await waitForWorkers(page, workers);
    });
  });

  describe('refuses', () => {
    for (const [method, options, message] of /** @type {[string, object, RegExp][]} */ ([
      ['classify', { stats: ['layer9.0'] }, /stats: expected blocks among .*layer9\.0/],
      ['classify', { stats: 'some' }, /stats: expected 'none', 'all' or a list of blocks, found 'some'/],
      ['classify', { cam: 50 }, /cam: expected the index of a class, a whole number from 0 to 49, found 50/],
      ['classify', { cam: -1 }, /found -1/],
      ['classify', { cam: 'dog' }, /cam: boolean \| number/],
      ['classify', { ablate: [{ block: 'layer1.0', path: 'both' }] }, /'residual' or 'shortcut', found 'both'/],
      ['classify', { ablate: ['layer1.0', { block: 'layer1.0', path: 'shortcut' }] }, /both paths of 'layer1\.0'/],
      ['sweep', { path: 'skip' }, /path: expected .*found 'skip'/],
      ['sweep', { paths: 'shortcut' }, /options: expected the name of an option, found "paths"/],
      ['sweep', { index: 1.5 }, /index: expected the index of a class/],
      ['sweep', { ablate: [{ block: 'layer1.0', path: 'shortcut' }] }, /both paths of 'layer1\.0'/],
      ['sweep', { onProgress: 'loud' }, /onProgress: expected a function/],
      ['sweep', { signal: 'now' }, /signal: expected an AbortSignal/],
    ])) {
      it(`${method} with ${JSON.stringify(options)}, and goes on`, async () => {
        const [error, next] = await page.evaluate(
          ([method, options]) =>
            Promise.all([classifier[method](picture(), options), classifier.classify(picture())].map(outcome)),
          [method, options],
        );
        assert.equal(error.name, 'InputInvalid', error.message);
        assert.match(error.message, message);
        assert.equal(next.name, undefined);
      });
    }

    it('a sweep over a batch, and over nothing', async () => {
      const errors = await page.evaluate(() =>
        Promise.all([
          outcome(classifier.sweep(new Float32Array(6144), { shape: [2, 3, 32, 32] })),
          outcome(classifier.sweep(null)),
        ]),
      );
      assert.deepEqual(errors.map(({ name }) => name), ['InputInvalid', 'InputInvalid']);
      assert.match(errors[0].message, /a batch of one image, found 2 images/);
    });
  });
});
