// How many answers the live page gives per second, and how long its main thread is busy at a time:
//
//     node tests/browser/live-rate.mjs [cpu|webgpu [SECONDS]]
//
// With what the page always shows, then also with the evidence and the close-up in view, then with the gradient. Not a
// test, since it measures time. `RESLENS_XTASK` and `CHROMIUM` as in tests/browser/support.

import { ALLOWED_CAMERA, launch, watch, WEBGPU } from './support/browser.mjs';
import { reach } from './support/page.mjs';
import { startSite } from './support/site.mjs';

/** @import { Page } from 'playwright-core' */

const [backend = 'cpu', seconds = '10'] = process.argv.slice(2);

/**
 * Answers per second as the page reports them, and the browser's long tasks (above 50 ms) in that time, in ms.
 * @param {Page} page
 * @param {number} ms
 */
const look = (page, ms) => page.evaluate((ms) => new Promise((resolve) => {
  /** @type {number[]} */
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  setTimeout(() => {
    observer.disconnect();
    resolve({ rate: document.querySelector('#rate')?.textContent, longTasks: tasks.map(Math.round) });
  }, ms);
}), ms);

const flags = backend === 'webgpu' ? [...ALLOWED_CAMERA, ...WEBGPU] : ALLOWED_CAMERA;
const [browser, site] = await Promise.all([launch(flags), startSite()]);
try {
  const { page } = await watch(browser, site.url, { viewport: { width: 1280, height: 800 } });
  await page.goto(`${site.url}?backend=${backend}`);
  await reach(page, 'ready');
  await page.click('#camera');
  await reach(page, 'live');
  const ms = 1000 * Number(seconds);
  await look(page, ms); // until the browser has optimised the code
  console.log('maps and ledger of all blocks:', await look(page, ms));
  await page.click('#why');
  await page.waitForSelector('.evidence:not([hidden])');
  console.log('and the evidence:', await look(page, ms));
  await page.locator('#ledger').scrollIntoViewIfNeeded();
  console.log('and the close-up in sight:', await look(page, ms));
  await page.locator('#gradient').scrollIntoViewIfNeeded();
  await page.waitForSelector('#gradient .chart', { state: 'attached' });
  console.log('the gradient in sight, not computed:', await look(page, ms));
  await page.check('#gradient-on');
  await page.waitForSelector('#gradient-result:not([hidden])');
  console.log('and computed:', await look(page, ms), await page.innerText('#gradient-rate'));
} finally {
  await Promise.all([browser.close(), site.stop()]);
}
