// The page draws any network that a model reports, without a change.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { launch } from './support/browser.mjs';
import { look, maps, openPage, overflow, screenshot } from './support/page.mjs';
import { randomModel } from './support/random-model.mjs';
import { startSite } from './support/site.mjs';

describe('other networks on the page', () => {
  let browser, site, folder;
  before(async () => {
    [browser, site, folder] = await Promise.all([launch(), startSite(), mkdtemp(join(tmpdir(), 'reslens-'))]);
  });
  after(() => Promise.all([browser?.close(), site?.stop(), folder && rm(folder, { recursive: true })]));

  for (const [architecture, layers, widest] of /** @type {const} */ ([['resnet34', 34, 512], ['resnet50', 50, 2048]])) {
    it(`${architecture} draws its 16 blocks`, async () => {
      const file = join(folder, `${architecture}.safetensors`);
      await writeFile(file, randomModel(architecture, { inputSize: 64, classes: 10 }));
      const { page, close } = await openPage(browser, site.url);
      await page.setInputFiles('#file', file);
      await page.waitForSelector(`#blocks h2:has-text("16 residual blocks, ${layers} weighted layers")`);
      await page.waitForSelector('#predictions li[data-label^="class "]');
      // The maps may be drawn one frame after the classes are named.
      let drawn = await maps(page);
      for (let frame = 0; frame < 100 && drawn.some(({ colours }) => colours < 2); frame++) {
        await page.evaluate(() => new Promise(requestAnimationFrame));
        drawn = await maps(page);
      }
      assert.equal(drawn.length, 16 * 3);
      for (const map of drawn) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
      assert.match(await page.innerText('#model'), new RegExp(`^ResNet-${layers} · ${layers} weighted layers · 10 labels`));
      await page.click('#blocks canvas[data-block="layer4.0"][data-part="residual"]');
      await page.waitForSelector('#closeup canvas[data-block="layer4.0"]');
      assert.equal(await page.innerText('#channel-count'), `of ${widest.toLocaleString('en')}`);
      const boxes = await page.$$eval('#diagram rect.box', ({ length }) => length);
      assert.equal(boxes, (layers === 50 ? 3 : 2) + 2, 'convolutions, the projection, ReLU');
      await screenshot(page, architecture);
      assert.equal(await overflow(page), 0);
      await look(page, architecture);
      await close();
    });
  }
});
