// The page without a network: stored on the first visit, isolated from the second one on, sealed, updated on request.
// The host sends no headers, and another site counts the requests that reach it.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { launch, PATIENCE_MS, watch } from './support/browser.mjs';
import { QUIET } from './support/flags.mjs';
import { look, notice, reach, reachTop } from './support/page.mjs';
import { PlainHost, startElsewhere } from './support/plain-host.mjs';
import { engineOf } from './support/workers.mjs';

/** @import { Page } from 'playwright-core' */

/** Waits until a text is on the page. @param {Page} page @param {string} selector @param {RegExp} text */
const says = (page, selector, text) => page.waitForFunction(
  ({ selector, source }) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''),
  { selector, source: text.source },
);

/** Opens the page, and its part about privacy, and waits until all is stored. @param {Page} page @param {string} url */
async function open(page, url) {
  await page.goto(url);
  await reach(page, 'ready', 'error');
  await openPrivacy(page);
  await says(page, '#stored-words', /works offline/);
}

/** @param {Page} page */
async function openPrivacy(page) {
  await page.click('#privacy > summary');
  // Measured after the section opens; a click at the same moment could miss a button that it moves.
  await page.waitForSelector('#stored-list dd');
  await page.waitForSelector('#seal:not([disabled])');
}

/** Calls `act`, which reloads the page, and waits until it is ready. @param {Page} page @param {() => Promise<unknown>} act */
async function reloading(page, act) {
  await Promise.all([page.waitForEvent('load'), act()]);
  await reach(page, 'ready', 'error');
}

describe('the page offline and sealed', () => {
  let host, elsewhere, context, page, folder;
  /** Number of documents that were loaded. */
  let navigations = 0;
  before(async () => {
    [host, elsewhere] = await Promise.all([new PlainHost().start(), startElsewhere()]);
    // A persistent context: private ones cannot install a page.
    folder = await mkdtemp(path.join(tmpdir(), 'reslens-profile-'));
    context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    page = context.pages()[0] ?? (await context.newPage());
    page.on('load', () => navigations++);
  });
  after(async () => {
    await context?.close();
    await Promise.all([host?.close(), elsewhere?.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('stores everything on the first visit, whose worker cannot reach other sites either', async () => {
    await open(page, host.url);
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    assert.match(await page.innerText('#backend'), /1 thread\b/);
    assert.match(await page.textContent('#reason'), /more threads from the next visit on/);
    const send = (/** @type {string} */ url) =>
      fetch(url, { method: 'POST', mode: 'no-cors', body: 'x' }).then(() => 'sent', ({ name }) => name);
    assert.equal(await (await engineOf(page)).evaluate(send, elsewhere.url), 'TypeError');
    assert.deepEqual(elsewhere.hits, []);
    const { usage } = await page.evaluate(() => navigator.storage.estimate());
    assert.ok(usage > 22e6 && usage < 27e6, `${usage} bytes`); // the model once, two engines, the page
  });

  it('can be installed', async () => {
    const session = await context.newCDPSession(page);
    assert.deepEqual((await session.send('Page.getInstallabilityErrors')).installabilityErrors, []);
  });

  it('has threads from the second visit on, and requests no file again', async () => {
    host.requests.length = 0;
    await reloading(page, () => page.reload());
    await reachTop(page, 'coffee cup');
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    assert.match(await page.innerText('#backend'), /[2-9] threads/);
    // Playwright's waitForFunction takes any promise for true.
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      while (active?.state === 'activating') {
        await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }));
      }
    });
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state), 'activated');
    assert.deepEqual(host.requests.filter((file) => file !== 'sw.js'), []);
    assert.equal(navigations, 2);
  });

  it('can be sealed, and works with the host down and the network off', async () => {
    await openPrivacy(page);
    await reloading(page, () => page.click('#seal'));
    await says(page, '#seal-line', /^Sealed\. \d+ requests/);
    await host.kill();
    await context.setOffline(true);
    const session = await context.newCDPSession(page);
    await session.send('ServiceWorker.enable');
    for (const stopped of [false, true]) {
      // A service worker that has ended remembers only what is stored.
      if (stopped) await session.send('ServiceWorker.stopAllWorkers');
      await reloading(page, () => page.reload());
      await reachTop(page, 'coffee cup');
      await says(page, '#seal-line', /^Sealed\. \d+ requests answered on this device, 0 by the network, 0 refused$/);
      assert.match(await page.innerText('#backend'), /[2-9] threads/);
      // The browser may report that it is online: its emulation ends with the page's process. The host is down all the
      // same.
      assert.equal(await page.isVisible('#offline'), !(await page.evaluate(() => navigator.onLine)));
    }
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    assert.match(await page.innerText('#seal-line'), / 0 by the network, 0 refused$/);
  });

  it('teaches with the host down and the network off', async () => {
    await page.goto(`${host.url}teach.html`);
    await reach(page, 'ready', 'error');
    await reachTop(page, 'coffee cup');
    for (const [card, sample] of [[0, 'cat'], [1, 'car']]) {
      const drop = async (/** @type {{card: number, sample: string}} */ { card, sample }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([await (await fetch(`samples/${sample}.jpg`)).blob()], 'sample.jpg', { type: 'image/jpeg' }));
        const target = /** @type {Element} */ (document.querySelectorAll('.class-card')[card]);
        target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      };
      await page.evaluate(drop, { card, sample });
      await page.waitForSelector(`.class-card:nth-of-type(${Number(card) + 1}) .examples li`);
    }
    await page.waitForSelector('html[data-learnt="2"]');
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'Class 1');
    await page.goto(host.url);
    await reach(page, 'ready', 'error');
  });

  it('reaches no other site, whatever it tries', async () => {
    await context.setOffline(false);
    await host.start();
    await reloading(page, () => page.reload());
    await openPrivacy(page);
    await page.fill('#way-target', elsewhere.url);
    await page.click('#try-ways');
    await says(page, '#ways-sum', /^None of these got out/);
    const ways = await page.$$eval('#ways li', (items) => items.map((item) => [item.dataset.way, item.className]));
    assert.equal(ways.length, 10);
    assert.deepEqual(ways.filter(([, outcome]) => outcome !== 'refused'), []);
    assert.match(await page.innerText('#ways li:first-child'), /connect-src/);
    const [opened] = await Promise.all([context.waitForEvent('page'), page.click('#try-window')]);
    await opened.waitForURL(/^chrome-error:/, { waitUntil: 'commit' });
    await opened.close();
    await look(page, 'sealed');
    // The ledger and the browser's own measurement agree.
    await page.click('#ledger-sums');
    await says(page, '#ledger-check', /^The browser’s own measurement agrees: all \d\d+ requests/);
    assert.equal(await page.locator('#request-ledger tr.network').count(), 0);
    // Last, data that really leave the page, by a means that only a test uses.
    await page.evaluate((url) => location.assign(url), elsewhere.url);
    await page.waitForURL(/^chrome-error:/, { waitUntil: 'commit' });
    assert.deepEqual([elsewhere.hits, elsewhere.packets()], [[], 0]);
    await page.goto(host.url);
    await reach(page, 'ready');
  });

  it('refuses requests for files that are not stored while it is sealed, and says so in the ledger', async () => {
    host.requests.length = 0;
    const refused = await page.evaluate(() => fetch('reslens-webgpu.wasm').then(() => 'answered', ({ name }) => name));
    assert.equal(refused, 'TypeError');
    await says(page, '#seal-line', / 0 by the network, 1 refused$/);
    assert.deepEqual(host.requests.filter((file) => file !== 'sw.js'), []);
    await openPrivacy(page);
    await reloading(page, () => page.click('#seal'));
    assert.equal(await page.isHidden('#seal-line'), true);
    assert.ok(await page.evaluate(async () => (await fetch('reslens-webgpu.wasm')).ok), 'unsealed');
  });

  it('updates in all tabs when its visitor asks for it, and not before', async () => {
    const other = await context.newPage();
    await other.goto(host.url);
    await reach(other, 'ready');
    const titles = async () => [await page.title(), await other.title()];
    const build = host.publish('index.html', (html) => html.replace('<title>reslens:', '<title>Reslens, newer:'));
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    assert.match(await notice(page), /^A new version of this page is ready/);
    await reloading(page, () => page.reload());
    assert.match(await notice(page), /^A new version/);
    assert.ok((await titles()).every((title) => title.startsWith('reslens:')), 'the old one until it is asked for');
    await reloading(other, () => reloading(page, () => page.click('#notice-action')));
    assert.ok((await titles()).every((title) => title.startsWith('Reslens, newer:')));
    await openPrivacy(page);
    await says(page, '#build-name', new RegExp(build));
    const kept = await page.evaluate(async () => {
      const keys = (await (await caches.open('reslens-files')).keys()).map(({ url }) => new URL(url).pathname);
      return { documents: keys.filter((key) => key === '/index.html').length, engines: keys.filter((key) => key.endsWith('.wasm')).length };
    });
    assert.deepEqual(kept, { documents: 1, engines: 3 }, 'files of the former build go, engines stay');
    await other.close();
  });

  it('deletes everything', async () => {
    await page.click('#forget');
    assert.notDeepEqual(await page.evaluate(() => caches.keys()), [], 'asks first');
    await page.click('#forget');
    await says(page, '#forget-words', /^Deleted/);
    assert.deepEqual(await page.evaluate(() => caches.keys()), []);
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  });
});

describe('offline faults', () => {
  let browser, host;
  before(async () => {
    [browser, host] = await Promise.all([launch(), new PlainHost().start()]);
  });
  after(() => Promise.all([browser?.close(), host?.close()]));

  it('repairs a damaged or missing file, and seals only when all files are stored', async () => {
    const { page } = await watch(browser, host.url, { serviceWorkers: 'allow' });
    await open(page, host.url);
    const damage = () => page.evaluate(async () => {
      const cache = await caches.open('reslens-files');
      const keys = await cache.keys();
      const find = (/** @type {string} */ name) => keys.find(({ url }) => url.includes(name)) ?? name;
      await cache.put(find('/main.js'), new Response('throw new Error("damaged")', { headers: { 'content-type': 'text/javascript' } }));
      await cache.delete(find('/reslens.js'));
    });
    await damage();
    await reloading(page, () => page.reload());
    await reachTop(page, 'coffee cup');

    await damage();
    await host.kill();
    await openPrivacy(page);
    await page.click('#seal');
    await says(page, '#seal-words', /^Not sealed, because something is missing.*main\.js.*reslens\.js/);
    assert.equal(await page.isHidden('#seal-line'), true);
    await host.start();
    await page.click('#seal:not([disabled])');
    await says(page, '#seal-line', /^Sealed/);
    await page.context().close();
  });

  it('keeps its version when an update is interrupted', async () => {
    const { page } = await watch(browser, host.url, { serviceWorkers: 'allow' });
    await open(page, host.url);
    host.broken.add('index.css');
    const build = host.publish('index.css', (css) => `${css}\n/* newer */`);
    const state = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      /** @type {Promise<string>} */
      const ended = new Promise((resolve) => registration.addEventListener('updatefound', () => {
        const { installing } = registration;
        installing?.addEventListener('statechange', () => installing.state !== 'installing' && resolve(installing.state));
      }));
      await registration.update().catch(() => {}); // it rejects as well
      return ended;
    });
    assert.equal(state, 'redundant');
    await host.kill();
    await reloading(page, () => page.reload());
    await reachTop(page, 'coffee cup');
    host.broken.clear();
    await host.start();
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    assert.match(await notice(page), /^A new version/);
    await reloading(page, () => page.click('#notice-action'));
    await openPrivacy(page);
    await says(page, '#build-name', new RegExp(build));
    await page.context().close();
  });

  it('works when storage is full, and says why it is not stored', async () => {
    const { page } = await watch(browser, host.url, { serviceWorkers: 'allow' });
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(host.url).origin, quotaSize: 200_000 });
    await page.goto(host.url);
    await reachTop(page, 'coffee cup');
    await page.click('#privacy > summary');
    await says(page, '#stored-words', /^This browser does not store the page: .*(?:quota|room)/i);
    await page.context().close();
  });
});
