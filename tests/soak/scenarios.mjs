// The repeated actions: each scenario prepares a page once, then repeats one action as often as requested.

import { ALLOWED_CAMERA, WEBGPU } from '../browser/support/browser.mjs';
import { countGpu, engineOf, openChanged } from '../browser/support/gpu.mjs';
import { openLibrary } from '../browser/support/library.mjs';
import { openPage, reach } from '../browser/support/page.mjs';

/** @import { Browser, Page } from 'playwright-core' */
/** @import { Watched } from '../browser/support/browser.mjs' */
/** @import { Sample } from './growth.mjs' */

/**
 * @typedef {object} Scenario
 * @property {string} what one sentence about it
 * @property {string} unit of a repetition
 * @property {string[]} flags of the browser
 * @property {(browser: Browser, url: string) => Promise<Watched>} open
 * @property {(page: Page, times: number) => Promise<Partial<Sample>>} repeat does it, and returns the page's own counts
 */

/** Loads the library on a page; `classifier` stays there. @param {Watched} watched @param {'cpu' | 'webgpu'} backend */
async function loaded(watched, backend) {
  await watched.page.evaluate(async (backend) => {
    const model = new URL('models/webcam50.safetensors', document.baseURI).href;
    Object.assign(globalThis, { classifier: await Classifier.load({ backend, model }), shown: picture(320, 240) });
  }, backend);
  return watched;
}

/** Classifies the picture with the maps of all blocks. @param {Page} page @param {number} times */
const frames = (page, times) => page.evaluate(async (times) => {
  const { classifier, shown } = /** @type {any} */ (globalThis);
  for (let frame = 0; frame < times; frame++) {
    const answer = await classifier.classify(shown, { taps: 'all' });
    if (!answer.predictions.every((/** @type {any} */ each) => Number.isFinite(each.probability))) throw new Error('an answer is no number');
  }
  const { wasm, gpu } = classifier.backend.memory;
  return { wasm, gpu };
}, times);

/** @type {Record<string, Scenario>} */
export const SCENARIOS = {
  cpu: {
    what: 'Frames with the maps of all blocks, on the CPU with threads',
    unit: 'frames',
    flags: [],
    open: async (browser, url) => loaded(await openLibrary(browser, url), 'cpu'),
    repeat: async (page, times) => ({ wasm: (await frames(page, times)).wasm }),
  },
  webgpu: {
    what: 'Frames with the maps of all blocks, on WebGPU',
    unit: 'frames',
    flags: WEBGPU,
    open: async (browser, url) => loaded(await openChanged(browser, url, countGpu), 'webgpu'),
    async repeat(page, times) {
      const memory = await frames(page, times);
      const { buffers } = await (await engineOf(page)).evaluate(() => globalThis.gpu);
      return { ...memory, buffers };
    },
  },
  models: {
    what: 'Model changes: load, one frame, dispose',
    unit: 'changes',
    flags: [],
    open: openLibrary,
    repeat: (page, times) => page.evaluate(async (times) => {
      const model = new URL('models/webcam50.safetensors', document.baseURI).href;
      let wasm = 0;
      for (let change = 0; change < times; change++) {
        const classifier = await Classifier.load({ backend: 'cpu', threads: 1 + (change % 2), model });
        await classifier.classify(picture(64, 64), { taps: change % 3 ? 'all' : 'none' });
        ({ wasm } = classifier.backend.memory);
        await classifier.dispose();
      }
      return { wasm };
    }, times),
  },
  camera: {
    what: 'The camera started, answered and stopped, on the page',
    unit: 'starts',
    flags: ALLOWED_CAMERA,
    open: (browser, url) => openPage(browser, url),
    async repeat(page, times) {
      for (let start = 0; start < times; start++) {
        await page.click('#camera');
        await reach(page, 'live');
        await answered(page);
        await page.click('#camera');
        await reach(page, 'ready');
      }
      return {};
    },
  },
  live: {
    what: 'The camera live with every view open, on the page',
    unit: 'answers',
    flags: ALLOWED_CAMERA,
    async open(browser, url) {
      const watched = await openPage(browser, url);
      await watched.page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
      await watched.page.click('#camera');
      await reach(watched.page, 'live');
      return watched;
    },
    async repeat(page, times) {
      for (let answer = 0; answer < times; answer++) await answered(page);
      return {};
    },
  },
};

/** Waits for the camera's next answer, each of which shows its times. @param {Page} page */
const answered = (page) => page.evaluate(() => new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    observer.disconnect();
    resolve(null);
  });
  observer.observe(/** @type {Element} */ (document.querySelector('#compute')), { childList: true, characterData: true, subtree: true });
}));
