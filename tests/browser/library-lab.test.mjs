// The lab: twins are trained in the page, taking turns, in a separate worker.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

describe('the lab', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    await page.evaluate(async () => {
      globalThis.Lab = (await import(new URL('lab.js', document.baseURI).href)).Lab;
      globalThis.loaded = [];
      globalThis.lab = await globalThis.Lab.load({ onProgress: ({ phase, loaded }) => globalThis.loaded.push([phase, loaded]) });
    });
  });
  after(async () => {
    try {
      await library?.close();
    } finally {
      await Promise.all([browser?.close(), site?.stop()]);
    }
  });

  it('lists its presets, and reports progress while it loads', async () => {
    const { presets, phases, most } = await page.evaluate(() => ({
      presets: globalThis.lab.presets,
      phases: [...new Set(globalThis.loaded.map(([phase]) => phase))],
      most: Math.max(...globalThis.loaded.map(([, loaded]) => loaded)),
    }));
    const depths = Object.fromEntries(presets.map(({ name, depth }) => [name, depth]));
    const { shallow, cracks, deep, vanishing, 'very-deep': veryDeep } = depths;
    assert.deepEqual([shallow, cracks, deep, veryDeep, vanishing], [8, 20, 56, 152, 20]);
    for (const preset of presets) assert.ok(preset.skip && preset.rate > 0 && preset.norm, JSON.stringify(preset));
    assert.deepEqual(phases, ['runtime']);
    assert.ok(most > 300_000);
  });

  it('trains twins in turns to the end, and measures every step that it reports', async () => {
    const { order, results, steps } = await page.evaluate(async () => {
      const order = [], steps = [];
      const train = (skip) => globalThis.lab.train({ preset: 'shallow', epochs: 2, skip }, {
        every: 4,
        onStep: (step) => {
          order.push([skip, step.step]);
          if (skip) steps.push({ ...step, layers: Object.fromEntries(Object.entries(step.layers).map(([key, row]) => [key, [...row]])) });
        },
      });
      const runs = [train(true), train(false)];
      const results = await Promise.all(runs.map(({ done }) => done));
      globalThis.runs = runs;
      return { order, steps, results: results.map(({ layers, ...rest }) => ({ ...rest, convolutions: layers.gradient.length })) };
    });
    const told = [1, ...Array.from({ length: 22 }, (_, i) => 4 * (i + 1))];
    for (const skip of [true, false]) assert.deepEqual(order.filter(([of]) => of === skip).map(([, step]) => step), told);
    const last = { true: 0, false: 0 };
    for (const [skip, step] of order) {
      assert.ok(step - last[`${!skip}`] <= 4, 'no twin is more than a told step ahead');
      last[`${skip}`] = step;
    }
    for (const { step, loss, accuracy, rate, layers } of steps) {
      assert.ok(loss > 0 && accuracy >= 0 && accuracy <= 1 && (rate > 0 || step === 88), `step ${step}`);
      assert.deepEqual(layers.weights, [288, 576, 576, 576, 576, 576, 576]);
      for (const [key, row] of Object.entries(layers)) {
        assert.ok(row.length === 7 && row.every((value) => value > 0), `step ${step}: ${key} ${row}`);
      }
      assert.ok(layers.changed.every((share) => share <= 1));
    }
    for (const [index, result] of results.entries()) {
      const { trainAccuracy, testAccuracy, firstLoss, lastLoss, settings, seconds } = result;
      // The same digit for every picture is right in 12.2 % at most.
      assert.ok(lastLoss < 0.8 * firstLoss && testAccuracy > 0.3 && trainAccuracy > 0.3, JSON.stringify(result));
      assert.deepEqual([result.step, result.steps, result.stopped, result.convolutions], [88, 88, false, 7]);
      assert.deepEqual([settings.preset, settings.seed, settings.skip, settings.epochs], ['shallow', 1, index === 0, 2]);
      assert.ok(seconds > 0);
    }
  });

  it('answers questions about a run', async () => {
    const found = await page.evaluate(async () => {
      const [run, plain] = globalThis.runs;
      const progress = [];
      return {
        followed: await run.follow({ layer: 3, index: 17 }),
        score: await run.evaluate(),
        result: await run.done,
        deleted: await run.deleteEach({ onProgress: ({ done, total }) => progress.push(done / total) }),
        progress,
        ledger: await run.ledger(),
        plain: await plain.ledger(),
      };
    });
    const { before, gradient, rate, decay, momentum, after: now, step } = found.followed;
    assert.equal(step, 88);
    assert.ok(Math.abs(now - (before - rate * (gradient + decay + momentum))) < 1e-6 && momentum !== 0 && decay !== 0);
    assert.equal(found.score.testAccuracy, found.result.testAccuracy);
    assert.deepEqual(found.deleted.map(({ block }) => block), [0, 1, 2]);
    for (const { testAccuracy } of found.deleted) assert.ok(testAccuracy >= 0 && testAccuracy <= 1);
    assert.ok(found.progress.length > 10 && found.progress.at(-1) === 1);
    for (const { ratio, cosine, clipped } of found.ledger) assert.ok(ratio > 0 && Math.abs(cosine) <= 1 && clipped >= 0);
    for (const { ratio, cosine } of found.plain) assert.deepEqual([ratio, cosine], [null, null]);
  });

  it('starts a run on hold, which then takes the requested steps', async () => {
    const found = await page.evaluate(async () => {
      const settings = { batch: 128, epochs: 1 };
      const { layers, seconds, ...whole } = await globalThis.lab.train(settings).done;
      const run = globalThis.lab.train(settings, { hold: true, every: 1000 });
      const early = await outcome(run.follow({ layer: 0, index: 0 }));
      const before = (await run.evaluate()).loss;
      const first = await run.advance();
      const followed = await run.follow({ layer: 2, index: 4 });
      const third = await run.advance(2);
      // Longer than the worker computes before it reads its next message.
      const [, busy] = await Promise.all([run.advance(whole.steps - 3), outcome(run.advance())]);
      const { layers: _, seconds: __, ...held } = await run.done;
      const idle = globalThis.lab.train(settings, { hold: true });
      await idle.advance();
      idle.stop();
      const stopped = await idle.done;
      const wrong = await Promise.all([run.advance(), idle.advance(0), globalThis.runs[0].advance()].map(outcome));
      return { whole, held, early, before, first, followed, third, busy, stopped, wrong };
    });
    assert.deepEqual(found.held, found.whole);
    assert.equal(found.early.name, 'InputInvalid');
    assert.deepEqual([found.first.step, found.followed.step, found.third.step, found.busy.name], [1, 1, 3, 'InputInvalid']);
    assert.ok(found.before > 0 && found.first.loss === found.whole.firstLoss);
    assert.deepEqual([found.stopped.step, found.stopped.stopped], [1, true]);
    for (const { name } of found.wrong) assert.equal(name, 'InputInvalid');
  });

  it('gives the same bits for the same settings', async () => {
    const [first, second, other] = await page.evaluate(() => {
      const settings = { preset: 'vanishing', depth: 10, epochs: 1 };
      const runs = [{ seed: 3 }, { seed: 3 }, { seed: 4 }].map((seed) => globalThis.lab.train({ ...settings, ...seed }).done);
      return Promise.all(runs.map(async (done) => [(await done).lastLoss, ...(await done).layers.gradient]));
    });
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it('stops and aborts promptly, while another run goes on', async () => {
    const found = await page.evaluate(async () => {
      const steps = (settings, options) => new Promise((resolve) => {
        const run = globalThis.lab.train({ epochs: 50, ...settings }, { ...options, every: 1, onStep: ({ step }) => step === 5 && resolve(run) });
      });
      const controller = new AbortController();
      const [stopped, aborted, going] = await Promise.all([
        steps({ preset: 'cracks' }), steps({ preset: 'cracks' }, { signal: controller.signal }), steps({}),
      ]);
      const open = outcome(aborted.deleteEach());
      controller.abort();
      const [error, question] = [await outcome(aborted.done), await open];
      const later = await outcome(aborted.follow({ layer: 0, index: 0 }));
      stopped.stop();
      const { layers, ...result } = await stopped.done;
      const followed = await stopped.follow({ layer: 0, index: 0 });
      const score = await stopped.evaluate();
      going.stop();
      const after = (await going.done).step;
      going.dispose();
      const early = await outcome(globalThis.lab.train({}, { signal: controller.signal }).done);
      return { error, question, later, result, followed, score, after, gone: await outcome(going.ledger()), early };
    });
    assert.deepEqual([found.error.name, found.question.name, found.later.name, found.early.name], Array(4).fill('AbortError'));
    assert.equal(found.result.stopped, true);
    assert.equal(found.result.testAccuracy, null);
    assert.ok(found.result.step >= 5 && found.result.step < found.result.steps);
    assert.equal(found.followed.step, found.result.step);
    assert.ok(found.score.testAccuracy > 0 && found.after >= 5);
    assert.equal(found.gone.name, 'Disposed');
  });

  it('refuses what cannot be trained with the range, and goes on', async () => {
    const errors = await page.evaluate(() => {
      const { lab } = globalThis;
      const fresh = lab.train({ depth: 7 });
      const calls = [
        () => fresh.done, () => fresh.follow({ layer: 0, index: 0 }), () => lab.train({ preset: 'nope' }).done,
        () => lab.train({ depth: 9 }).done, () => lab.train({ batch: 1e9 }).done, () => lab.train({ rate: 'fast' }).done,
        () => lab.train({ sedd: 1 }).done, () => lab.train({ seed: () => 1 }).done, () => lab.train(null).done,
        () => lab.train({}, { every: 0 }).done, () => lab.train({}, { onStep: 1 }).done, () => lab.train({}, 7).done,
        () => globalThis.runs[0].follow({ layer: 99, index: 0 }), () => globalThis.runs[0].follow(null),
        () => globalThis.runs[0].evaluate({ signal: 1 }), () => globalThis.Lab.load({ worker: 1 }),
        () => globalThis.Lab.load({ asset: '/' }), () => globalThis.runs[0].evaluate({ progress: 1 }), () => lab.train({}, { evry: 1 }).done,
      ];
      return Promise.all(calls.map((call) => outcome(call())));
    });
    for (const [at, { name, message }] of errors.entries()) assert.equal(name, 'InputInvalid', `${at}: ${message}`);
    assert.match(errors[0].message, /depth: expected an integer from 8 to 200, found 7/);
    assert.match(errors[2].message, /preset: expected one of 'shallow', .*'very-deep'.*, found 'nope'/);
    const missing = await page.evaluate(() => outcome(globalThis.Lab.load({ assets: 'nowhere/' })));
    assert.equal(missing.name, 'BackendUnavailable');
    assert.match(missing.message, /nowhere/);
    library.complaints.splice(0); // the browser's message about the missing file
    assert.ok((await page.evaluate(() => outcome(globalThis.runs[0].evaluate()))).value);
  });

  it('ends with its worker', async () => {
    const [open, later, early] = await page.evaluate(async () => {
      const { lab } = globalThis;
      const open = outcome(lab.train({ epochs: 50 }).done);
      const early = outcome(globalThis.Lab.load({ signal: AbortSignal.abort() }));
      await lab.dispose();
      return [await open, await outcome(lab.train().done), await early];
    });
    assert.deepEqual([open.name, later.name, early.name], ['Disposed', 'Disposed', 'AbortError']);
    await waitForWorkers(page, 0);
  });
});
