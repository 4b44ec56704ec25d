// The page without a network, sealed and updated; and the kinds of requests that this browser lets a page forbid.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { notice, reach, reachTop } from '../browser/support/page.mjs';
import { PlainHost, startElsewhere } from '../browser/support/plain-host.mjs';
import { launch } from './support/browser.mjs';

/** Waits until the text of an element matches. @param {import('./support/tab.mjs').Tab} tab @param {string} selector @param {RegExp} text */
const says = (tab, selector, text) => tab.waitForFunction(
  (/** @type {{selector: string, source: string}} */ { selector, source }) =>
    new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''),
  { selector, source: text.source },
);

describe('the page offline and sealed', () => {
  let browser, host, elsewhere, tab;
  before(async () => {
    [browser, host, elsewhere] = await Promise.all([launch(), new PlainHost().start(), startElsewhere()]);
    tab = browser.tab;
  });
  after(() => Promise.all([browser?.close(), host?.close(), elsewhere?.close()]));

  const visit = async () => {
    await tab.goto(`${host.url}?backend=cpu`);
    await reach(tab, 'ready', 'error');
    await tab.click('#privacy > summary');
    await tab.waitForSelector('#seal:not([disabled])');
  };

  it('stores the page on the first visit', async (t) => {
    await visit();
    await says(tab, '#stored-words', /works offline/);
    t.diagnostic(`${browser.version}: ${await tab.innerText('#backend')}; stored: ${await tab.innerText('#stored-list')}`);
  });

  it('seals, and works with the host down', async (t) => {
    await visit();
    t.diagnostic(`second visit: ${await tab.innerText('#backend')}`);
    await says(tab, '#stored-words', /works offline/);
    await tab.click('#seal');
    await says(tab, '#seal-words', /./);
    await host.kill();
    await visit();
    await reachTop(tab, 'coffee cup');
    await says(tab, '#seal-line', /^Sealed\. \d+ requests answered on this device, 0 by the network, 0 refused$/);
  });

  it('shows what this browser can forbid', async (t) => {
    await host.start();
    await tab.evaluate(`document.querySelector('#way-target').value = '${elsewhere.url}';`);
    await tab.click('#try-ways');
    await says(tab, '#ways-sum', /out\.|cannot forbid/);
    const ways = await tab.$$eval('#ways li', (/** @type {HTMLElement[]} */ items) =>
      items.map((item) => ({ way: item.dataset.way, outcome: item.className, text: item.innerText })));
    for (const { text } of ways) t.diagnostic(text);
    t.diagnostic(`the other site: ${elsewhere.hits.length} connections and requests, ${elsewhere.packets()} packets`);
    // Every browser refuses what a content security policy forbids.
    const open = ways.filter((/** @type {any} */ { outcome }) => outcome !== 'refused').map((/** @type {any} */ { way }) => way);
    assert.ok(open.every((/** @type {string} */ way) => way === 'WebRTC'), open.join());
    assert.deepEqual(elsewhere.hits, []);
    if (elsewhere.packets() > 0) assert.deepEqual(open, ['WebRTC'], 'what was sent is called so');
  });

  /** Does something that reloads the page, and waits until the new one is ready. @param {() => Promise<unknown>} act */
  async function reloading(act) {
    await tab.evaluate('globalThis.old = true;');
    await act();
    for (;;) {
      // A page that is on its way out may take the answer with it.
      const gone = await tab.evaluate(() => !('old' in globalThis)).catch(() => false);
      if (gone) break;
      await delay(50);
    }
    await reach(tab, 'ready', 'error');
  }

  /** The documents and engines that are stored. */
  const stored = () => tab.evaluate(async () => {
    const keys = (await (await caches.open('reslens-files')).keys()).map(({ url }) => new URL(url).pathname);
    return { documents: keys.filter((key) => key === '/index.html').length, engines: keys.filter((key) => key.endsWith('.wasm')).length };
  });

  const title = () => tab.evaluate(() => document.title);

  /** Has the service worker look for a new version, and returns what becomes of it. */
  const update = () => tab.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    /** @type {Promise<string>} */
    const ended = new Promise((resolve) => registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => installing.state !== 'installing' && resolve(installing.state));
    }));
    await registration.update().catch(() => {}); // it rejects as well where an update breaks off
    return ended;
  });

  it('is no longer sealed when its visitor says so', async () => {
    await visit();
    await reloading(() => tab.click('#seal'));
    assert.equal(await tab.evaluate(() => document.querySelector('#seal-line')?.checkVisibility()), false);
  });

  it('takes a new version when its visitor asks, and not before', async () => {
    const before = await stored();
    const build = host.publish('index.html', (/** @type {string} */ html) => html.replace('<title>reslens:', '<title>Reslens, newer:'));
    assert.equal(await update(), 'installed');
    assert.match(await notice(tab), /^A new version of this page is ready/);
    await reloading(() => tab.goto(`${host.url}?backend=cpu`));
    assert.match(await notice(tab), /^A new version/);
    assert.match(await title(), /^reslens:/, 'the old one until it is asked for');
    await reloading(() => tab.click('#notice-action'));
    assert.match(await title(), /^Reslens, newer:/);
    await tab.click('#privacy > summary');
    await says(tab, '#build-name', new RegExp(build));
    assert.deepEqual(await stored(), { ...before, documents: 1 }, 'files of the former build go, engines stay');
    await host.kill();
    await reloading(() => tab.goto(`${host.url}?backend=cpu`));
    await reachTop(tab, 'coffee cup');
    assert.match(await title(), /^Reslens, newer:/);
    await host.start();
  });

  it('stays with its version when an update breaks off', async () => {
    host.broken.add('index.css');
    const build = host.publish('index.css', (/** @type {string} */ css) => `${css}\n/* newer */`);
    assert.equal(await update(), 'redundant');
    await host.kill();
    await reloading(() => tab.goto(`${host.url}?backend=cpu`));
    await reachTop(tab, 'coffee cup');
    host.broken.clear();
    await host.start();
    assert.equal(await update(), 'installed');
    await notice(tab);
    await reloading(() => tab.click('#notice-action'));
    await tab.click('#privacy > summary');
    await says(tab, '#build-name', new RegExp(build));
  });

  it('deletes everything', async () => {
    await tab.waitForSelector('#forget:not([disabled])');
    await tab.click('#forget');
    assert.notDeepEqual(await tab.evaluate(() => caches.keys()), [], 'asks first');
    await tab.click('#forget');
    await says(tab, '#forget-words', /^Deleted/);
    assert.deepEqual(await tab.evaluate(() => caches.keys()), []);
    assert.equal(await tab.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  });
});
