// The start of the page: its first worker does not wait for the library that will use it.

import { after, before, describe, it } from 'node:test';
import { expectOnly, launch, watch } from './support/browser.mjs';
import { reach } from './support/page.mjs';
import { startSite } from './support/site.mjs';

/** @import { Page } from 'playwright-core' */

const WORKER = '**/worker.js';
/** The library, without which nothing asks for a worker. */
const LIBRARY = '**/reslens.js';

describe('the start of the page', () => {
  let site, browser;
  before(async () => ([site, browser] = await Promise.all([startSite(), launch()])));
  after(() => Promise.all([site?.stop(), browser?.close()]));

  /**
   * Holds the library back until something has happened.
   * @param {Page} page @param {Promise<unknown>} before
   */
  const holdLibrary = (page, before) => page.route(LIBRARY, async (route) => {
    await before;
    await route.continue();
  });

  it('starts the worker before the library has loaded', async () => {
    const { page, close } = await watch(browser, site.url);
    await holdLibrary(page, page.waitForRequest(WORKER));
    await page.goto(site.url);
    await reach(page, 'ready');
    await close();
  });

  it('starts another worker if the first one cannot be loaded', async () => {
    const watched = await watch(browser, site.url);
    const { page, close } = watched;
    await page.route(WORKER, (route) => route.fulfill({ status: 503 }), { times: 1 });
    const failed = page.waitForResponse((response) => response.status() === 503);
    // An error reaches the page after the response.
    await holdLibrary(page, failed.then(() => page.waitForFunction(() => globalThis.failedWorkers === 1)));
    await page.addInitScript(() => {
      globalThis.failedWorkers = 0;
      globalThis.Worker = class extends Worker {
        constructor(/** @type {ConstructorParameters<typeof Worker>} */ ...parameters) {
          super(...parameters);
          this.addEventListener('error', () => (globalThis.failedWorkers += 1));
        }
      };
    });
    await page.goto(site.url);
    await reach(page, 'ready');
    expectOnly(watched, /503/);
    await close();
  });
});
