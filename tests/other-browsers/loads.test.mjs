// Repeated loads and answers: what a browser's compilers make of a new engine varies. With `--soak`: 300 loads with one
// thread, as many with two, and 10,000 frames. A failed load does not end the loop; it fails the test at its end, as does a
// load that succeeded only at the second attempt.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { install } from '../browser/support/library.mjs';
import { startSite } from '../browser/support/site.mjs';
import { repeats } from '../browser/support/soak.mjs';
import { launch } from './support/browser.mjs';

/** Loads per page, and the number of such pages for each number of threads. */
const [LOADS, PAGES] = [repeats(3, 20), repeats(1, 15)];

/** Frames per engine, and the number of engines. */
const [FRAMES, ENGINES] = [repeats(50, 2500), repeats(1, 4)];

/** How long a test may take: a run that repeats gives the whole file hours. */
const timeout = 600_000;

/**
 * Runs a test on a page with the library, in a separate browser, because a test may end the browser.
 * @param {(tab: import('./support/tab.mjs').Tab) => Promise<void>} run
 */
async function onPage(run) {
  const site = await startSite('--no-trusted-types');
  const browser = await launch().catch((error) => site.stop().then(() => Promise.reject(error)));
  try {
    await browser.tab.goto(`${site.url}blank`);
    await browser.tab.evaluate(install);
    await run(browser.tab);
  } finally {
    await Promise.all([browser.close(), site.stop()]);
  }
}

/** On the page: loads, asks five times, and disposes. @param {number} threads */
async function loadOnce(threads) {
  const started = performance.now();
  const at = [started, started];
  const onProgress = ({ phase, loaded }) => {
    if (phase === 'compile') at[loaded] = performance.now();
  };
  const own = await Classifier.load({ backend: 'cpu', threads, onProgress });
  const load = performance.now() - started;
  const compile = at[1] - at[0];
  const logits = [];
  for (let frame = 0; frame < 5; frame++) logits.push(best(await own.classify(picture())).logit);
  const { threads: used, reason } = own.backend;
  await own.dispose();
  return { load, compile, logits, used, reason };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

describe('repeatedly', () => {
  for (const threads of [1, 2]) {
    /** Times of all loads on so many threads, and what went wrong. @type {{load: number[], compile: number[], wrong: string[]}} */
    const all = { load: [], compile: [], wrong: [] };

    for (let page = 1; page <= PAGES; page++) {
      it(`loads ${LOADS} times, threads: ${threads}, page ${page}`, { timeout }, (t) => onPage(async (tab) => {
        const loads = [];
        const wrong = [];
        for (let i = 1; i <= LOADS; i++) {
          const loaded = await tab.evaluate(loadOnce, threads).catch((error) => ({ error: String(error) }));
          if ('error' in loaded) wrong.push(`load ${i}: ${loaded.error}`);
          // The second attempt of a load gives the error of the first as its reason.
          else if (/simd128:/.test(loaded.reason)) wrong.push(`load ${i}, second attempt: ${loaded.reason}`);
          else loads.push(loaded);
        }
        all.load.push(...loads.map(({ load }) => load));
        all.compile.push(...loads.map(({ compile }) => compile));
        all.wrong.push(...wrong);
        t.diagnostic(
          `threads: ${loads[0]?.used}; loads so far: ${all.load.length}, and ${all.wrong.length} that failed; ms: median ` +
            `${Math.round(median(all.load))}, at most ${Math.round(Math.max(...all.load))}; of it packing and check ${Math.round(median(all.compile))}`,
        );
        assert.deepEqual(wrong, []);
        const [{ logits: [expected], used, reason }] = loads;
        for (const each of loads) {
          assert.deepEqual([each.used, each.reason], [used, reason]);
          assert.deepEqual(each.logits, Array(5).fill(expected), 'the same engine, the same bits');
        }
      }));
    }
  }

  for (let engine = 1; engine <= ENGINES; engine++) {
    it(`answers ${FRAMES} frames, engine ${engine}`, { timeout }, (t) => onPage(async (tab) => {
      await tab.evaluate(async () => {
        globalThis.classifier = await Classifier.load({ backend: 'cpu', threads: 1 });
      });
      const times = [];
      const memory = [];
      let expected;
      for (let done = 0; done < FRAMES; done += 50) {
        const { time, logits, wasm } = await tab.evaluate(async () => {
          const started = performance.now();
          const logits = new Set();
          for (let frame = 0; frame < 50; frame++) logits.add(best(await classifier.classify(picture())).logit);
          const { wasm } = classifier.backend.memory;
          return { time: (performance.now() - started) / 50, logits: [...logits], wasm };
        });
        expected ??= logits[0];
        assert.deepEqual(logits, [expected]);
        times.push(time);
        memory.push(wasm);
      }
      t.diagnostic(`${median(times).toFixed(1)} ms a frame, ${memory[0]} bytes`);
      assert.equal(memory.at(-1), memory[0]);
    }));
  }
});
