// The page without a network, sealed; and the kinds of requests that this browser lets a page forbid.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { reach, reachTop } from '../browser/support/page.mjs';
import { PlainHost, startElsewhere } from '../browser/support/plain-host.mjs';
import { launch } from './support/browser.mjs';

/** Waits until the text of an element matches. @param {import('./support/tab.mjs').Tab} tab @param {string} selector @param {RegExp} text */
const says = (tab, selector, text) => tab.evaluate(
  (/** @type {{selector: string, source: string}} */ { selector, source }) => new Promise((resolve) => {
    const look = () => {
      if (!new RegExp(source).test(document.querySelector(selector)?.textContent ?? '')) return;
      observer.disconnect();
      resolve(undefined);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    look();
  }),
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
});
