// What a visitor feels before he reads: nothing jumps while the page loads, nothing is cut off at
// any width or zoom, nothing heavy is sent.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { launch, watch } from './support/browser.mjs';
import { overflow, reach, screenshot } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const DIST = new URL('../../dist/', import.meta.url);

/** What the page may weigh, in bytes after gzip. */
const MOST = { js: 30_000, css: 8_000 };

describe('the page’s layout', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** Opens the page in a window, loads the model only after all else, and waits until it is ready. */
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

  it('weighs little', async () => {
    const weight = async (/** @type {string[]} */ files) => {
      const contents = await Promise.all(files.map((file) => readFile(new URL(file, DIST))));
      return contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
    };
    const folders = await Promise.all(['app', 'views'].map(async (folder) => {
      const files = await readdir(new URL(`${folder}/`, DIST), { recursive: true });
      return files.filter((file) => file.endsWith('.js')).map((file) => `${folder}/${file}`);
    }));
    const scripts = ['main.js', ...folders.flat()];
    assert.ok(scripts.length > 30, scripts.join());
    const [js, css] = await Promise.all([weight(scripts), weight(['style.css'])]);
    assert.ok(js <= MOST.js && css <= MOST.css, `scripts ${js}, styles ${css}, at most ${JSON.stringify(MOST)} bytes`);
  });
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
