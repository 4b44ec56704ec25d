// The page on stills: samples, files, drop, paste, maps, the close-up, accessibility.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './support/browser.mjs';
import { look, maps, openPage, overflow, predictions, reachTop, screenshot, violations } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));
const CAT = join(WWW, 'samples/cat.jpg');

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

  it('gives every sample the label that its list names', async () => {
    const samples = JSON.parse(await readFile(new URL('../../www/samples/samples.json', import.meta.url), 'utf8'));
    for (const [index, { label }] of samples.entries()) {
      await page.click(`#samples button:nth-child(${index + 1})`);
      await reachTop(page, label);
    }
    assert.ok(samples.length >= 6);
    const widths = await page.$$eval('#samples img', (images) => images.map((image) => /** @type {HTMLImageElement} */ (image).naturalWidth));
    assert.ok(widths.length === samples.length && widths.every((width) => width >= 192), `thumbnails ${widths}`);
  });

  it('draws three maps of every block, projected where the shape changes', async () => {
    const drawn = await maps(page);
    assert.equal(drawn.length, 8 * 3);
    for (const map of drawn) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    const projected = drawn.filter(({ part }) => part === 'shortcut').map(({ block }) => block);
    assert.deepEqual(projected, ['layer2.0', 'layer3.0', 'layer4.0']);
    assert.deepEqual(drawn.slice(0, 3).map(({ part }) => part), ['input', 'residual', 'sum']);
  });

  it('accepts another sample, and chosen, dropped and pasted files', async () => {
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
    await page.mouse.move(0, 0);
    await page.waitForSelector('.overlay', { state: 'hidden' });
    await page.focus('#closeup-maps .parts');
    await page.waitForSelector('#map-note:has-text("layer2.0, F(x): ")');
    await page.waitForSelector('.overlay:not([hidden])');
    await page.keyboard.press('ArrowRight');
    const reading = await page.waitForSelector('#reading:has-text("row")').then((line) => line.innerText());
    const [x, residual, sum, output] = reading.replaceAll('−', '-').match(/-?\d+\.\d{4}/g).map(Number);
    assert.ok(Math.abs(x + residual - sum) < 2e-4, reading);
    assert.ok(Math.abs(Math.max(0, sum) - output) < 1e-4, reading);
    const parts = (await maps(page, '#closeup')).map(({ part, width }) => [part, width]);
    assert.deepEqual(parts, [['input', 32], ['shortcut', 16], ['residual', 16], ['sum', 16], ['output', 16]]);
    await page.focus('#leave-out');
    await page.waitForSelector('.overlay', { state: 'hidden' });
    await screenshot(page, 'closeup');
  });

  it('leaves F(x) out and describes the effect on the prediction', async () => {
    const [whole] = await predictions(page);
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer3.1")');
    await look(page, 'left-out');
    const without = await predictions(page);
    const same = without.find(({ label }) => label === whole.label);
    assert.notEqual(same?.probability, whole.probability);
    await page.uncheck('#leave-out');
    await page.waitForSelector('#effect:has-text("Nothing is left out")');
    assert.deepEqual((await predictions(page))[0], whole);
  });

  /** Scrolls to the channels, which are scanned only when they are in view. */
  async function seeChannels() {
    await page.locator('#channels').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelectorAll('.thumb.pending').length === 0);
  }

  it('opens on a strong channel, and browses the others', async () => {
    await seeChannels();
    await page.waitForSelector('#closeup-truth:has-text("with the strongest F(x) of 16 channels scanned")');
    const strengths = await page.$$eval('.thumb', (thumbs) =>
      thumbs.map((thumb) => Number(/at most ([\d.e-]+)/.exec(thumb.getAttribute('aria-label') ?? '')?.[1])));
    const strongest = strengths.indexOf(Math.max(...strengths));
    assert.equal(await page.inputValue('#channel'), String(strongest));
    await look(page, 'channels');

    const other = (strongest + 3) % 16;
    await page.click(`.thumb >> nth=${other}`);
    await page.waitForSelector(`#closeup-truth:has-text("Shown: channel ${other}. In every cell")`);
    await page.keyboard.press(other < 15 ? 'ArrowRight' : 'ArrowLeft');
    await page.waitForSelector(`#closeup-truth:has-text("Shown: channel ${other < 15 ? other + 1 : other - 1}.")`);
    await page.fill('#channel', '200');
    await page.press('#channel', 'Enter');
    await page.waitForSelector('.thumb[aria-checked="true"]:has-text("200")');
    await page.waitForSelector('#closeup-truth:has-text("Shown: channel 200.")');
  });

  it('ranks the channels by strength', async () => {
    await page.selectOption('#channel-order', 'strength');
    await page.locator('#channels').scrollIntoViewIfNeeded();
    await page.waitForSelector('#channels-note:has-text("F(x) of each channel, on the scale")');
    const strengths = await page.$$eval('.thumb', (thumbs) =>
      thumbs.map((thumb) => Number(/at most ([\d.e-]+)/.exec(thumb.getAttribute('aria-label') ?? '')?.[1])));
    assert.deepEqual(strengths, strengths.toSorted((a, b) => b - a));
    assert.equal(await page.isDisabled('#channels-before'), true);
    await page.click('#channels-after');
    await page.waitForFunction((last) => {
      const first = document.querySelector('.thumb')?.getAttribute('aria-label') ?? '';
      return Number(/at most ([\d.e-]+)/.exec(first)?.[1]) <= last;
    }, strengths[15]);
  });

  it('shows only channels that a block has', async () => {
    await page.fill('#channel', '255');
    await page.press('#channel', 'Enter');
    await page.waitForSelector('#closeup-truth:has-text("channel 255")');
    for (let left = 5; left > 0; left--) await page.click('#block-before');
    await page.waitForSelector('#closeup h2:has-text("layer1.0")');
    await page.waitForSelector('#closeup canvas[data-block="layer1.0"]');
    assert.equal(await page.textContent('#channel-count'), 'of 64');
    assert.equal(await page.isHidden('#notice'), true);
  });

  it('smooths maps and labels on request', async () => {
    const rendering = () => page.$eval('#blocks canvas', (canvas) => getComputedStyle(canvas).imageRendering);
    assert.equal(await rendering(), 'pixelated');
    await page.check('#smooth');
    await page.waitForSelector('#blocks.smooth');
    assert.equal(await rendering(), 'auto');
    await page.click('summary:has-text("details")');
    await page.uncheck('#steady');
    await page.waitForFunction(() => !/** @type {HTMLInputElement} */ (document.querySelector('#steady')).checked);
    const words = /ms ranking, .*ms from the request to the answer.*memory: \d+\.\d\sMB engine/;
    assert.match(await page.innerText('#timing-details'), words);
  });

  it('accepts a new view: a module with an id and a mount, and an element for it', async () => {
    // The separate modules, which the build has not bundled.
    await page.route('**/sources/**', (route) => route.fulfill({ path: join(WWW, route.request().url().split('/sources/')[1]) }));
    await page.evaluate(async () => {
      const [{ mountViews }, { Store }, { initialState }] = await Promise.all(
        ['views/mount.js', 'app/device/store.js', 'app/text/state.js'].map((file) => import(new URL(`sources/${file}`, document.baseURI).href)));
      const view = {
        id: 'tiny',
        mount: (root, { actions }) => {
          root.addEventListener('click', () => actions.dismiss());
          return ({ phase }) => (root.textContent = phase);
        },
      };
      const store = new Store(initialState(true), () => {});
      document.querySelector('main')?.append(Object.assign(document.createElement('button'), { id: 'tiny' }));
      mountViews([view], store, { actions: { dismiss: () => store.set({ phase: 'ready' }) } });
      globalThis.mountMissing = () => mountViews([{ ...view, id: 'absent' }], store, {});
    });
    await page.waitForSelector('#tiny:text-is("loading")');
    await page.click('#tiny');
    await page.waitForSelector('#tiny:text-is("ready")');
    await assert.rejects(page.evaluate(() => globalThis.mountMissing()), /The page has no HTMLElement #absent/);
  });

  it('lists its keys', async () => {
    await page.keyboard.press('?');
    await page.waitForSelector('#keys[open]');
    assert.deepEqual(await violations(page), []);
    await screenshot(page, 'keys', false);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#keys', { state: 'hidden' });
  });

  it('puts a map over the picture and describes it', async () => {
    await page.hover('#blocks canvas[data-block="layer1.1"][data-part="sum"]');
    await page.waitForSelector('.overlay:not([hidden])');
    await screenshot(page, 'overlay', false);
    assert.match(await page.innerText('#map-note'), /^layer1\.1, x \+ F\(x\): strongest .*; mean .*, max .*; 64 channels of 32×32$/);
  });

  it('repeats the picture when the stage is out of view', async () => {
    await page.locator('#closeup-maps').scrollIntoViewIfNeeded();
    await page.hover('#closeup canvas[data-part="residual"]');
    await page.waitForSelector('#pointed-map:not([hidden])');
    await screenshot(page, 'inset', false);
    await page.evaluate(() => scrollTo(0, 0));
    await page.hover('h1');
    await page.waitForSelector('#pointed-map', { state: 'hidden' });
  });

  it('moves through the grid with the arrow keys', async () => {
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

  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    it(`is accessible at every width, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await seeChannels();
      for (const width of [1440, 800, 390]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await violations(page), []);
        assert.equal(await overflow(page), 0);
        await screenshot(page, `page-${width}-${scheme}`);
      }
    });
  }

  it('moves nothing if reduced motion is preferred', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.equal(await page.$eval('.bar', (bar) => getComputedStyle(bar).transitionDuration), '0s');
  });
});
