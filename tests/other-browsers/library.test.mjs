// The library: it loads with one thread and with several, answers and refuses as in Chromium.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { install } from '../browser/support/library.mjs';
import { startSite } from '../browser/support/site.mjs';
import { installSources } from './support/sources.mjs';
import { launch } from './support/browser.mjs';

const SHAPES = [[64, 32], [64, 32], [128, 16], [128, 16], [256, 8], [256, 8], [512, 4], [512, 4]];

describe('the library', () => {
  /** The engine with one thread, and its answer: what the others must answer as well. */
  let expected;
  let browser, site, tab;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite('--no-trusted-types')]);
    tab = browser.tab;
    await openLibrary(site);
    expected = await load(1);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** Opens a page that runs nothing itself, with the library on it. */
  async function openLibrary({ url }) {
    // The server's answer for a missing file: plain text, with the headers of every other file.
    await tab.goto(`${url}blank`);
    await tab.evaluate(install);
    await tab.evaluate(installSources);
  }

  /** Loads the library and classifies once; `classifier` stays on the page. */
  const load = (threads) =>
    tab.evaluate(async (threads) => {
      await globalThis.classifier?.dispose();
      globalThis.classifier = await Classifier.load({ backend: 'cpu', threads });
      const { index, logit } = best(await classifier.classify(picture()));
      return { index, logit, backend: classifier.backend, isolated: crossOriginIsolated };
    }, threads);

  const assertSame = ({ index, logit }) => {
    assert.equal(index, expected.index);
    assert.ok(Math.abs(logit - expected.logit) < 1e-4 * Math.abs(expected.logit), `${logit}, ${expected.logit}`);
  };

  it('loads with one thread, and its numbers pass the check', (t) => {
    const { kind, reason, threads, simd } = expected.backend;
    assert.deepEqual({ kind, reason, threads }, { kind: 'cpu', reason: null, threads: 1 });
    t.diagnostic(`${browser.version}, ${simd}`);
  });

  for (const threads of [2, 'auto']) {
    it(`uses threads: ${threads}, if shared memory is available`, async (t) => {
      const answer = await load(threads);
      assertSame(answer);
      const shared = await tab.evaluate(() => typeof SharedArrayBuffer === 'function');
      const cores = await tab.evaluate(() => navigator.hardwareConcurrency);
      assert.equal(answer.isolated, true);
      t.diagnostic(`threads: ${answer.backend.threads}, cores: ${cores}, reason: ${answer.backend.reason}`);
      if (shared) {
        const wanted = threads === 'auto' ? Math.min(cores, 4) : threads;
        if (threads === 2 || cores <= 4) assert.equal(answer.backend.threads, wanted);
        assert.equal(answer.backend.reason, null);
      } else {
        assert.equal(answer.backend.threads, 1);
        assert.match(answer.backend.reason, /this browser lacks WebAssembly threads/);
      }
    });
  }

  it('chooses a backend by itself', async (t) => {
    const { index, logit, backend } = await tab.evaluate(async () => {
      const own = await Classifier.load();
      const answer = best(await own.classify(picture()));
      await own.dispose();
      return { ...answer, backend: own.backend };
    });
    assertSame({ index, logit });
    assert.equal(backend.requested, 'auto');
    t.diagnostic(`${backend.kind}: ${backend.reason}`);
  });

  it('uses one thread if the page is not isolated', async () => {
    const plain = await startSite('--no-isolation', '--no-trusted-types');
    try {
      await openLibrary(plain);
      const answer = await load('auto');
      assertSame(answer);
      assert.equal(answer.isolated, false);
      assert.equal(answer.backend.threads, 1);
      assert.match(answer.backend.reason, /not cross-origin isolated/);
      await openLibrary(site);
      await load('auto');
    } finally {
      await plain.stop();
    }
  });

  it('shows the contribution of every block', async () => {
    const taps = await tab.evaluate(async () => {
      const { taps } = await classifier.classify(picture(), { taps: 'all', reduce: 'mean' });
      return taps.map(({ block, shortcut, residual, sum, output }) => ({
        block,
        shape: [output.channels, output.height, output.width],
        finite: output.data.every(Number.isFinite),
        error: Math.max(...sum.data.map((value, i) => Math.abs(value - shortcut.data[i] - residual.data[i]))),
        range: sum.max - sum.min,
      }));
    });
    assert.deepEqual(taps.map(({ shape }) => shape), SHAPES.map(([channels, side]) => [channels, side, side]));
    assert.deepEqual(taps.map(({ block }) => block), [1, 2, 3, 4].flatMap((n) => [`layer${n}.0`, `layer${n}.1`]));
    for (const { block, finite, error, range } of taps) {
      assert.ok(finite && error < 1e-5 * range, `${block}: x + F(x) is off by ${error} of ${range}`);
    }
  });

  it('leaves a block out', async () => {
    const { tap, changed } = await tab.evaluate(async () => {
      const whole = best(await classifier.classify(picture()));
      const without = await classifier.classify(picture(), { ablate: ['layer2.1'], taps: ['layer2.1'] });
      const { residual, sum, shortcut } = without.taps[0];
      const tap = [residual.min, residual.max, sum.min - shortcut.min, sum.max - shortcut.max];
      return { tap, changed: best(without).logit !== whole.logit };
    });
    assert.deepEqual(tap, [0, 0, 0, 0]);
    assert.ok(changed);
  });

  describe('gives the same answer for one picture, as', () => {
    for (const kind of ['HTMLImageElement', 'OffscreenCanvas', 'ImageBitmap', 'ImageData', 'VideoFrame', 'Blob']) {
      it(kind, async (t) => {
        const difference = await tab.evaluate(async (kind) => {
          if (!(kind in globalThis)) return null;
          return globalThis.difference(picture(), await make[kind](picture()));
        }, kind);
        if (difference === null) return t.skip('this browser has none');
        assert.ok(difference < 1e-4, `off by ${difference}`);
      });
    }

    it('HTMLVideoElement', async () => {
      const difference = await tab.evaluate(async () => globalThis.difference(picture(), await videoOf(picture())));
      // Video may be stored as luma and subsampled chroma.
      assert.ok(difference < 0.2, `off by ${difference}`);
    });

    it('a file that is stored rotated', async () => {
      const difference = await tab.evaluate(async () => {
        const jpeg = await blobOf(picture(), 'image/jpeg');
        return globalThis.difference(await upright(jpeg), await onItsSide(jpeg));
      });
      assert.ok(difference < 1e-4, `off by ${difference}`);
    });

    it('transparent pixels, on white', async () => {
      const differences = await tab.evaluate(async () => {
        const { clear, white } = withHole();
        const sources = [clear, await make.ImageData(clear), await make.ImageBitmap(clear), await make.Blob(clear)];
        const found = [];
        for (const source of sources) found.push(await globalThis.difference(white, source));
        return found;
      });
      for (const difference of differences) assert.ok(difference < 1e-4, `off by ${differences}`);
    });
  });

  describe('refuses, and goes on:', () => {
    for (const what of [
      'null',
      'an element without pixels',
      'a video without a frame',
      'a broken img',
      'a canvas of 0 × 10',
      'a closed ImageBitmap',
      'an empty Blob',
      'a Blob that is no picture',
      'a picture that breaks off',
    ]) {
      it(what, async (t) => {
        if (what === 'a picture that breaks off' && browser.decodesStarts) {
          return t.skip('this browser decodes what there is of it');
        }
        const [error, next] = await tab.evaluate(async (what) => {
          const source = await bad[what]();
          return [await outcome(classifier.classify(source)), await outcome(classifier.classify(picture()))];
        }, what);
        assert.equal(error.name, 'InputInvalid', error.message);
        assert.ok(next.value, next.message);
      });
    }
  });

  it('says what is wrong with a model and with a folder', async () => {
    const errors = await tab.evaluate(async () => [
      await outcome(Classifier.load({ model: new Blob(['<!doctype html>']) })),
      await outcome(Classifier.load({ assets: 'no/such/folder' })),
    ]);
    assert.deepEqual(errors.map(({ name }) => name), ['ModelInvalid', 'BackendUnavailable']);
  });

  it('aborts, and ends when it is disposed', async () => {
    const errors = await tab.evaluate(async () => {
      const controller = new AbortController();
      const aborted = outcome(classifier.classify(picture(), { signal: controller.signal }));
      controller.abort();
      const waiting = outcome(classifier.classify(picture()));
      await classifier.dispose();
      return [await aborted, await waiting, await outcome(classifier.classify(picture()))];
    });
    assert.deepEqual(errors.map(({ name }) => name), ['AbortError', 'Disposed', 'Disposed']);
  });
});
