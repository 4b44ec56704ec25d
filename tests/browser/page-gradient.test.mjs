// The gradient on the page: a chart over depth, both paths in the close-up, Grad-CAM over the picture, live.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { ALLOWED_CAMERA, launch } from './support/browser.mjs';
import { look, openPage, overflow, reach } from './support/page.mjs';
import { startSite } from './support/site.mjs';

describe('the gradient on the page', () => {
  let browser, site, watched, page;
  const fetched = [];
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
    watched = await openPage(browser, site.url);
    page = watched.page;
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  });
  after(async () => {
    await watched?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  /** The heights of a series' points: larger for smaller gradients. */
  const heights = (/** @type {string} */ kind) => page.$$eval(`#gradient .series.${kind} circle`, (points) =>
    points.map((point) => Number(point.getAttribute('cy'))));

  it('is fetched and computed when it comes into view', async () => {
    await page.locator('#gradient').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#gradient .chart'));
    assert.ok(!fetched.some((path) => path.endsWith('reslens-train.wasm')));
    await page.check('#gradient-on');
    await page.waitForSelector('#gradient-result:not([hidden]) .series.whole circle');
    assert.ok(fetched.some((path) => path.endsWith('reslens-train.wasm')));
    assert.equal((await heights('whole')).length, 9);
    assert.deepEqual([(await heights('over')).length, (await heights('through')).length], [8, 8]);
    assert.match(await page.innerText('#gradient-words'), /^From layer4\.1 back to the stem the gradient of coffee cup’s logit (grows|shrinks)/);
    assert.match(await page.innerText('#gradient-ways'), /^layer3\.1: ∂L\/∂x = ∂L\/∂sum \+ Jᵀ·∂L\/∂sum: .* over the shortcut and .* through F\(x\)/);
    assert.equal(await page.locator('#diagram .way-back .back').count(), 3);
    assert.equal(await overflow(page), 0);
    await look(page, 'gradient');
  });

  it('gives its numbers by keyboard, as a table and as files', async () => {
    const point = page.locator('#gradient .series.whole circle').first();
    await point.focus();
    assert.match(await point.getAttribute('aria-label') ?? '', /^stem, gradient: [\d.e−-]+$/);
    await page.click('#gradient .chart-figure summary');
    assert.equal(await page.locator('#gradient .chart-figure tbody tr').count(), 9);
    const files = {};
    for (const kind of ['SVG', 'PNG', 'CSV']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#gradient .chart-figure button:has-text("${kind}")`)]);
      files[kind] = await readFile(await download.path());
    }
    assert.match(String(files.SVG), /^<svg .*<title[^>]*>.*stem, gradient/s);
    assert.deepEqual([...files.PNG.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.match(String(files.CSV), /^place,gradient,over the shortcut,through F\(x\)\r\nstem,[\d.e-]+,/);
  });

  it('follows the cuts, beside the uncut network', async () => {
    await page.click('#cut-skips');
    await page.waitForSelector('#gradient .series.cut circle');
    const [whole, cut] = [await heights('whole'), await heights('cut')];
    assert.ok(cut[0] !== whole[0]);
    assert.match(await page.innerText('#gradient-words'), /With the cuts, .* arrives at the stem: .* of it\.$/);
    await page.waitForSelector('#diagram .way-back .nothing');
    await look(page, 'gradient-cut');
    await page.click('#restore');
    await page.waitForFunction(() => !document.querySelector('#gradient .series.cut'));
  });

  it('lays Grad-CAM of any block over the picture, and explains it at the last block', async () => {
    await page.check('#gradient-map');
    const size = () => page.$eval('.gradient-overlay', (canvas) => [canvas.hidden, /** @type {HTMLCanvasElement} */ (canvas).width]);
    assert.deepEqual(await size(), [false, 8]);
    for (let at = 0; at < 2; at++) await page.click('#block-after');
    await page.waitForFunction(() => document.querySelector('#gradient-cam')?.textContent?.includes('exact map of the evidence'));
    assert.deepEqual(await size(), [false, 4]);
    assert.match(await page.innerText('#gradient-cam'), /The largest difference of two cells is 0\.\d\s% of the largest cell\.$/);
    assert.equal(await page.locator('.gradient-maps figure:visible').count(), 2);
    await page.uncheck('#gradient-map');
    await page.waitForSelector('.gradient-overlay', { state: 'hidden' });
  });

  it('is live beside the camera, at its own rate', async () => {
    await page.click('#camera');
    await reach(page, 'live');
    await page.locator('#gradient').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#gradient-rate')?.textContent?.includes('a second'));
    assert.match(await page.innerText('#rate'), /fps/);
    await page.uncheck('#gradient-on');
    await page.waitForSelector('#gradient-result', { state: 'hidden' });
    assert.equal(await page.locator('#diagram .way-back').count(), 0);
  });
});
