// Opens a page that uses the packages, and checks its result.

import assert from 'node:assert/strict';
import { watch } from '../../browser/support/browser.mjs';

/** @import { Browser } from 'playwright-core' */

/** The app's result for the sample, on a page that may use two threads. */
export const EXPECTED = { label: 'coffee cup', map: 32, threads: 2, reason: null, isolated: true };

/**
 * Opens a page and returns the app's result. The console must be clean.
 * @param {Browser} browser
 * @param {string} url
 * @param {string[]} [origins] that the page may request besides its own
 */
export async function drive(browser, url, origins = []) {
  const watched = await watch(browser, url);
  const { page, complaints, foreign } = watched;
  await page.goto(url);
  await page.waitForFunction(() => 'outcome' in document.documentElement.dataset).catch((error) => {
    throw new Error(`the app says nothing; the console: ${complaints.join('\n')}`, { cause: error });
  });
  const outcome = JSON.parse((await page.locator('html').getAttribute('data-outcome')) ?? '');
  const elsewhere = foreign.filter((request) => !origins.includes(new URL(request).origin));
  await page.context().close();
  assert.deepEqual({ outcome, complaints, elsewhere }, { outcome, complaints: [], elsewhere: [] });
  return outcome;
}
