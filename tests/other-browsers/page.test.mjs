// The page: it starts, answers, draws and logs nothing, as in Chromium.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { maps, notice, predictions, reach, reachTop, violations } from '../browser/support/page.mjs';
import { startSite } from '../browser/support/site.mjs';
import { launch } from './support/browser.mjs';

const SAMPLES = new URL('../../www/samples/', import.meta.url);

describe('the page', () => {
  let browser, site, tab;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    tab = browser.tab;
    await tab.goto(`${site.url}?backend=cpu`);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  it('classifies its first sample by itself', async (t) => {
    await reach(tab, 'ready', 'error');
    t.diagnostic(`${browser.version}: ${await tab.innerText('#status')}`);
    const { state, backend } = await tab.evaluate(() => ({ ...document.documentElement.dataset }));
    assert.deepEqual({ state, backend }, { state: 'ready', backend: 'cpu' });
    const shown = await predictions(tab);
    assert.equal(shown.length, 5);
    assert.equal(shown[0].label, 'coffee cup');
    assert.deepEqual(shown, shown.toSorted((a, b) => b.probability - a.probability));
  });

  it('draws three maps of every block, projected where the shape changes', async () => {
    // The page draws a few maps at a time, row after row.
    await tab.waitForSelector('#blocks canvas[data-block="layer4.1"][data-part="sum"]:not([width="1"])');
    const drawn = await maps(tab);
    assert.equal(drawn.length, 8 * 3);
    for (const map of drawn) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    const projected = drawn.filter(({ part }) => part === 'shortcut').map(({ block }) => block);
    assert.deepEqual(projected, ['layer2.0', 'layer3.0', 'layer4.0']);
  });

  it('recognises its samples', async (t) => {
    const samples = JSON.parse(await readFile(new URL('samples.json', SAMPLES), 'utf8'));
    for (const [i, { label }] of [...samples.entries()].reverse()) {
      await tab.click(`#samples button:nth-child(${i + 1})`);
      await reachTop(tab, label);
    }
    t.diagnostic(await tab.innerText('#timing'));
  });

  it('accepts a file', async () => {
    const bytes = [...(await readFile(new URL('cat.jpg', SAMPLES)))];
    await tab.evaluate((bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], 'cat.jpg', { type: 'image/jpeg' }));
      const input = /** @type {HTMLInputElement} */ (document.querySelector('#file'));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, bytes);
    await reachTop(tab, 'cat');
  });

  it('has no accessibility violations', async () => {
    assert.deepEqual(await violations(tab), []);
  });

  it('shows the camera, frame after frame, or says why it cannot', async (t) => {
    await tab.click('#camera');
    if (!browser.fakeCamera) {
      assert.match(await notice(tab), /camera/i);
      return;
    }
    await reach(tab, 'live');
    await tab.evaluate(() => {
      let left = 20;
      return new Promise((resolve) => {
        const observer = new MutationObserver(() => --left || resolve(observer.disconnect()));
        const timing = /** @type {Element} */ (document.querySelector('#timing'));
        observer.observe(timing, { childList: true, characterData: true, subtree: true });
      });
    });
    t.diagnostic(await tab.innerText('#timing'));
    await tab.click('#camera');
    await reach(tab, 'ready');
  });

  it('logs nothing to the console', async (t) => {
    if (!browser.complaints) return t.skip('WebDriver classic does not tell');
    assert.deepEqual(browser.complaints, []);
  });

  it('requests nothing from other sites', () => {
    const foreign = browser.requests.filter((url) => /^(https?|wss?):/.test(url) && !url.startsWith(site.url));
    assert.deepEqual(foreign, []);
  });
});
