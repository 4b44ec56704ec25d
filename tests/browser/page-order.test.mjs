// A late arrival on the page does not replace what the visitor has requested since.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOWED_CAMERA, expectOnly, launch, watch } from './support/browser.mjs';
import { answersCome, openOffline, openPage, reach, reachTop } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const CAT = fileURLToPath(new URL('../../www/samples/cat.jpg', import.meta.url));

describe('late arrivals on the page', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /**
   * Holds back the page's own fetches from an address, but not those of its images. Resolves, when there is one, with a
   * function that releases all of them: the page also fetches pictures for its cache.
   */
  function hold(page, url) {
    const held = [];
    return new Promise((resolve) => page.route(url, async (route) => {
      if (route.request().resourceType() !== 'fetch') return route.continue();
      held.push(route);
      resolve(() => Promise.all(held.splice(0).map(async (route) => {
        const answered = page.waitForResponse((response) => response.request() === route.request());
        await route.continue();
        await (await answered).finished();
      })));
    }));
  }

  /** Makes another request, which is answered after any picture that was opened before. */
  async function askAgain(page) {
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x)")');
  }

  it('the first sample: neither the engine nor another picture waits for it', async () => {
    const { page, close } = await watch(browser, site.url);
    const held = hold(page, '**/samples/coffee.jpg');
    await page.goto(site.url);
    const release = await held;
    await page.waitForSelector('#camera:enabled');
    await page.setInputFiles('#file', CAT);
    await reachTop(page, 'cat');
    await release();
    await askAgain(page);
    assert.equal(await page.innerText('#caption'), 'cat.jpg');
    await close();
  });

  it('a sample that was requested before the camera: the camera goes on', async () => {
    const { page, close } = await openPage(browser, site.url);
    const held = hold(page, '**/samples/cat.jpg');
    await page.click('#samples button:nth-child(2)');
    const release = await held;
    await page.click('#camera');
    await reach(page, 'live');
    await release();
    assert.ok(await answersCome(page));
    assert.ok(await answersCome(page));
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    await close();
  });

  it('a connection: the picture that was opened without one stays', async () => {
    const watched = await openOffline(browser, site.url);
    const { page } = watched;
    await page.setInputFiles('#file', CAT);
    await page.context().setOffline(false);
    await reach(page, 'ready');
    await reachTop(page, 'cat');
    assert.equal(await page.innerText('#caption'), 'cat.jpg');
    expectOnly(watched, /ERR_INTERNET_DISCONNECTED/);
    await watched.close();
  });
});
