// The page on stills: samples, files, drop, paste; maps; the close-up; accessibility.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './support/browser.mjs';
import { maps, openPage, predictions, reachTop, screenshot, violations } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const CAT = fileURLToPath(new URL('../../www/samples/cat.jpg', import.meta.url));

describe('the page', () => {
  let browser, site, watched, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    watched = await openPage(browser, site.url);
    page = watched.page;
  });
  afterEach(() => watched.close());

  it('classifies its first sample by itself', async () => {
    const [sample] = JSON.parse(await readFile(new URL('../../www/samples/samples.json', import.meta.url), 'utf8'));
    const shown = await predictions(page);
    assert.equal(shown.length, 5);
    assert.equal(shown[0].label, sample.label);
    assert.deepEqual(shown, shown.toSorted((a, b) => b.probability - a.probability));
    assert.equal(await page.getAttribute('html', 'data-backend'), 'cpu');
    assert.match(await page.innerText('#model'), /18 weighted layers.*50 labels.*weights:/);
    assert.match(await page.innerText('#timing'), /ms network.*ms preprocess/);
  });

  it('draws three maps of every block, projected where the shape changes', async () => {
    const drawn = await maps(page);
    assert.equal(drawn.length, 8 * 3);
    for (const map of drawn) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    const projected = drawn.filter(({ part }) => part === 'shortcut').map(({ block }) => block);
    assert.deepEqual(projected, ['layer2.0', 'layer3.0', 'layer4.0']);
    assert.deepEqual(drawn.slice(0, 3).map(({ part }) => part), ['input', 'residual', 'sum']);
  });

  it('takes another sample, a chosen, a dropped and a pasted file', async () => {
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    for (const give of [chooseFile, dropFile, pasteFile]) {
      await page.click('#samples button:nth-child(1)');
      await reachTop(page, 'coffee cup');
      await give();
      await reachTop(page, 'cat');
    }
  });

  const chooseFile = () => page.setInputFiles('#file', CAT);
  const dropFile = () => give('drop', 'dataTransfer', 'DragEvent');
  const pasteFile = () => give('paste', 'clipboardData', 'ClipboardEvent');

  /** Sends an event that carries the picture of the cat. */
  async function give(type, property, constructor) {
    const bytes = [...(await readFile(CAT))];
    await page.evaluate(({ type, property, constructor, bytes }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], 'cat.jpg', { type: 'image/jpeg' }));
      document.body.dispatchEvent(new globalThis[constructor](type, { bubbles: true, cancelable: true, [property]: transfer }));
    }, { type, property, constructor, bytes });
  }

  it('shows the five parts of a block, where x + F(x) is the sum in every cell', async () => {
    await page.click('#blocks canvas[data-block="layer2.0"][data-part="residual"]');
    await page.waitForSelector('#closeup canvas[data-block="layer2.0"]');
    await page.focus('#closeup-maps .parts');
    await page.keyboard.press('ArrowRight');
    const reading = await page.waitForSelector('#reading:has-text("row")').then((line) => line.innerText());
    const [x, residual, sum, output] = reading.replaceAll('−', '-').match(/-?\d+\.\d{4}/g).map(Number);
    assert.ok(Math.abs(x + residual - sum) < 2e-4, reading);
    assert.ok(Math.abs(Math.max(0, sum) - output) < 1e-4, reading);
    const parts = (await maps(page, '#closeup')).map(({ part, width }) => [part, width]);
    assert.deepEqual(parts, [['input', 24], ['shortcut', 12], ['residual', 12], ['sum', 12], ['output', 12]]);
    await screenshot(page, 'closeup');
  });

  it('leaves F(x) out and says what becomes of the prediction', async () => {
    const [whole] = await predictions(page);
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer3.1")');
    const without = await predictions(page);
    const same = without.find(({ label }) => label === whole.label);
    assert.notEqual(same?.probability, whole.probability);
    await page.uncheck('#leave-out');
    await page.waitForSelector('#effect:has-text("Every block is in")');
    assert.deepEqual((await predictions(page))[0], whole);
  });

  it('puts a map over the picture and describes it', async () => {
    await page.hover('#blocks canvas[data-block="layer1.1"][data-part="sum"]');
    await page.waitForSelector('.overlay:not([hidden])');
    assert.match(await page.innerText('#map-note'), /^layer1\.1, x \+ F\(x\): strongest .*; mean .*, max .*; 64 channels of 24×24$/);
  });

  it('walks the grid with the arrow keys', async () => {
    await page.focus('#blocks [tabindex="0"]');
    for (const key of ['ArrowRight', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.waitForSelector('#closeup h2:has-text("layer1.1")');
    const focused = await page.evaluate(() => document.activeElement?.querySelector('canvas')?.dataset.part);
    assert.equal(focused, 'residual');
  });

  it('changes map and scale', async () => {
    await page.selectOption('#reduce', 'mean');
    await page.waitForSelector('#strip-truth:has-text("Means add up")');
    await page.selectOption('#scale', 'all');
    await page.waitForFunction(() => {
      const legends = [...document.querySelectorAll('#blocks .legend')].map(({ textContent }) => textContent);
      return new Set(legends).size === 1;
    });
  });

  for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [800, 'light'], [390, 'dark']]) {
    it(`has no accessibility violations and does not overflow, ${width} px, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      await screenshot(page, `page-${width}-${scheme}`);
    });
  }
});
