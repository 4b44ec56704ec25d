// A blank page of the site with the library, for tests that call the library.
//
// Its globals: `Classifier`; `outcome(promise)`: `{name, message}` of its rejection, or
// `{value}`; `picture(width, height)`: a canvas with colours that differ in every corner;
// `best(result)`: index and logit of the first prediction.

import { watch } from './browser.mjs';

/** @import { Browser } from 'playwright-core' */

/**
 * The part of the site's policy about trusted types: its own pages comply with it, other sites have their own policies.
 */
const TRUSTED_TYPES = / require-trusted-types-for 'script'; trusted-types [^;]*;/;

/**
 * Opens the page. Its headers are those that the server sends for the library, except for trusted types.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {string} [trustedTypes] the policy's directives for them, with a final semicolon
 */
export async function openLibrary(browser, url, trustedTypes = '') {
  const watched = await watch(browser, url);
  const { page } = watched;
  await page.route(`${url}blank.html`, async (route) => {
    const response = await route.fetch({ url: `${url}reslens.js` });
    const headers = { ...response.headers(), 'content-type': 'text/html' };
    delete headers['content-length'];
    headers['content-security-policy'] = headers['content-security-policy'].replace(TRUSTED_TYPES, trustedTypes);
    const body = '<!doctype html><html lang="en"><title>blank</title><link rel="icon" href="data:,">';
    await route.fulfill({ status: 200, headers, body });
  });
  await page.goto(`${url}blank.html`);
  await page.evaluate(install);
  return watched;
}

/** Puts the library and the globals above on a page. */
export async function install() {
  const { Classifier } = await import(new URL('reslens.js', document.baseURI).href);
  Object.assign(globalThis, {
    Classifier,

    outcome: (/** @type {Promise<unknown>} */ promise) =>
      promise.then(
        (value) => ({ value }),
        (error) => ({
          isError: error instanceof Error,
          name: error.name,
          message: error.message,
        }),
      ),

    picture(width = 96, height = 64) {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const image = context.createImageData(width, height);
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
        image.data.set([255 * x, 255 * y, 255 * (x < 0.5 === y < 0.3 ? 1 : 0.2), 255], 4 * i);
      }
      context.putImageData(image, 0, 0);
      return canvas;
    },

    async modelStored() {
      const cache = await caches.open('reslens-models');
      while ((await cache.keys()).length === 0) await new Promise(requestAnimationFrame);
    },

    best: (/** @type {any} */ { predictions: [{ index, logit }] }) => ({ index, logit }),
  });
}
