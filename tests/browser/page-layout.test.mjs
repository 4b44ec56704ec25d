// Layout: nothing jumps while the page loads, nothing is cut off at any width or zoom, no file is too large.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ALLOWED_CAMERA, launch, watch } from './support/browser.mjs';
import { look, openPage, overflow, reach, reachTop, screenshot } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const DIST = new URL('../../dist/', import.meta.url);

/**
 * The most that the page may transfer, in bytes after gzip. `eager`: scripts that a first visit waits for, including
 * those of everything that is always in view (bars, switches, the answer's labels as buttons). `all`: also those of
 * sweep, evidence, lines and files, which are fetched when they are opened, and 5 kB for offline use, the seal and the
 * ways out. `gradient`: what only the gradient's view needs, including D3, fetched when that comes into view; it is not
 * in `all`. `teach`: all of the page where classes are taught, including the library's `teach.js`. `lab`: all of the
 * lab's page, including the library's `lab.js` and D3.
 */
const MOST = { eager: 26_000, all: 45_000, gradient: 21_000, css: 8_000, teach: 38_000, lab: 52_000 };

/** The library's scripts, which the page's scripts import. */
const LIBRARY = ['reslens.js', 'lab.js', 'teach.js'];

describe('the page’s layout', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** Opens the page in a window, loads the model after everything else, and waits until it is ready. */
  async function openSlowly(width, height, deviceScaleFactor = 1) {
    const watched = await watch(browser, site.url, { viewport: { width, height }, deviceScaleFactor });
    const { page } = watched;
    await page.addInitScript(recordShifts);
    await page.route('**/*.safetensors', async (route) => {
      await page.waitForSelector('#samples button');
      await route.continue();
    }, { times: 1 });
    await page.goto(site.url);
    await reach(page, 'ready');
    await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
    return watched;
  }

  for (const [width, height] of [[360, 740], [390, 844], [800, 1000], [1000, 800], [1200, 900], [1440, 900], [2560, 1440], [3840, 2160]]) {
    it(`does not move while it loads and does not overflow, ${width} px`, async () => {
      const { page, close } = await openSlowly(width, height);
      assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
      assert.equal(await overflow(page), 0);
      await screenshot(page, `width-${width}`, false);
      await close();
    });
  }

  /** Those of some elements that lie outside the window or have no size. @param {string[]} selectors */
  const outside = (page, ...selectors) => page.evaluate((selectors) => selectors.flatMap((selector) => {
    const boxes = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
    const seen = boxes.every(({ left, top, right, bottom, width, height }) =>
      width > 0 && height > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight);
    return boxes.length > 0 && seen ? [] : [selector];
  }), selectors);

  /** Opens the page, starts the camera and waits for its answer. */
  async function openLive() {
    const watched = await openPage(browser, site.url);
    await watched.page.click('#camera');
    await reach(watched.page, 'live');
    await reachTop(watched.page, 'coffee cup');
    return watched;
  }

  it('shows picture, answer and all blocks on one screen, live', async () => {
    const { page, close } = await openLive();
    for (const [width, height] of [[1280, 800], [1440, 900], [1920, 1080]]) {
      await page.setViewportSize({ width, height });
      assert.deepEqual(await outside(page, '.stage-box', '#camera', '#hold', '#verdict', '#predictions li', '#timing',
        '#blocks .map-cell', '#blocks .block-foot', '#blocks select'), [], `${width}×${height}`);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.equal(await page.locator('#blocks tbody tr').count(), 8);
      const map = await page.$eval('#blocks .map', ({ clientWidth, clientHeight }) => [clientWidth, clientHeight]);
      assert.ok(map[0] === map[1] && map[0] >= 90, `maps of ${map.join('×')} pixels`);
    }
    await close();
  });

  it('shows picture, first answer and a row of maps on a phone, live', async () => {
    const { page, close } = await openLive();
    for (const [width, height] of [[360, 740], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assert.deepEqual(await outside(page, '.stage-box', '#camera', '#verdict', '#predictions li',
        '#blocks tr:first-child .map-cell:nth-child(2)'), [], `${width}×${height}`);
    }
    await close();
  });

  it('still fits one screen with a block left out and its details open', async () => {
    const { page, close } = await openPage(browser, site.url);
    await page.check('#leave-out');
    await page.waitForSelector('#predictions.compared');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate(() => scrollTo(0, 0));
    assert.deepEqual(await outside(page, '.stage-box', '#verdict', '#predictions li', '#blocks .map-cell'), []);
    await page.click('#compute summary');
    await page.waitForSelector('#run-on', { state: 'visible' });
    await look(page, 'details');
    await close();
  });

  for (const percent of [200, 400]) {
    it(`fits a window of 1280 px at ${percent} % zoom`, async () => {
      const factor = percent / 100;
      const { page, close } = await openSlowly(1280 / factor, Math.round(1024 / factor), factor);
      assert.equal(await overflow(page), 0);
      await page.click('#leave-out');
      await page.waitForSelector('#effect:has-text("Without F(x)")');
      await screenshot(page, `zoom-${percent}`, false);
      await close();
    });
  }

  it('stays within its budgets', async () => {
    const weight = async (/** @type {string[]} */ files) => {
      const contents = await Promise.all(files.map((file) => readFile(new URL(file, DIST))));
      return contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
    };
    const [atStart, scripts] = await Promise.all([imported('main.js'), imported('main.js', true)]);
    assert.ok(scripts.size > 15, [...scripts].join());
    assert.ok(atStart.size < scripts.size, 'some scripts wait until they are needed');
    // Taught classes have no gradients, so their page never fetches those scripts.
    const isGradient = (/** @type {string} */ file) => /^gradient/.test(file);
    const others = await imported('main.js', true, isGradient);
    const gradients = [...scripts].filter((file) => !others.has(file));
    assert.ok(gradients.some(isGradient), 'the gradient waits until it is seen');
    const taught = [...(await imported('teach-main.js', true, isGradient)), 'teach.js'];
    const lab = [...(await imported('lab-main.js', true)), 'lab.js'];
    const [eager, all, gradient, css, teach, trained] = await Promise.all(
      [[...atStart], [...others], gradients, ['index.css'], taught, lab].map(weight),
    );
    const weighs = `scripts ${eager} at the start and ${all} in all, of the gradient ${gradient}, styles ${css}, teaching ${teach}, the lab ${trained}`;
    const fits = eager <= MOST.eager && all <= MOST.all && gradient <= MOST.gradient && css <= MOST.css && teach <= MOST.teach && trained <= MOST.lab;
    assert.ok(fits, `${weighs}, at most ${JSON.stringify(MOST)} bytes`);
  });

  /**
   * The page's own scripts that a script imports, directly or indirectly.
   * @param {string} first
   * @param {boolean} [later] whether to include scripts that are fetched later, by `import()`
   * @param {(file: string) => boolean} [without] scripts to leave out, with those that only they import
   */
  async function imported(first, later = false, without = () => false) {
    const pattern = later ? /\b(?:from|import)\s*\(?["'`](\.[^"'`]+)["'`]/g : /\b(?:from|import)\s*["'](\.[^"']+)["']/g;
    const found = new Set([first]);
    for (const file of found) {
      const source = await readFile(new URL(file, DIST), 'utf8');
      for (const [, name] of source.matchAll(pattern)) {
        const path = posix.join(posix.dirname(file), name);
        if (!LIBRARY.includes(path) && !without(path)) found.add(path);
      }
    }
    return found;
  }
});

/** Runs before the page's own scripts. */
function recordShifts() {
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map((/** @type {any} */ { node }) => node?.id || node?.className || node?.nodeName);
      globalThis.shifts.push({ value: entry.value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
