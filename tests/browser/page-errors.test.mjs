// Errors on the page: what it says, and that it goes on afterwards.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, WEBGPU } from './support/browser.mjs';
import { notice, openPage, predictions, reach, reachTop } from './support/page.mjs';
import { startSite } from './support/site.mjs';

describe('errors on the page', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  const file = (name, text) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });

  it('keeps picture and model when a file is neither', async () => {
    const { page, close } = await openPage(browser, site.url);
    const before = await predictions(page);
    for (const [name, words] of /** @type {[string, RegExp][]} */ ([
      ['notes.png', /Open another picture/],
      ['notes.txt', /^Labels: expected 50, .*found 1\.$/],
      ['bad.safetensors', /Open another \.safetensors/],
    ])) {
      await page.setInputFiles('#file', file(name, 'neither a picture nor a model'));
      await reach(page, 'error');
      assert.match(await notice(page), words);
      assert.deepEqual(await predictions(page), before);
      await page.focus('#open');
      await page.focus('#notice-close');
      await page.keyboard.press('Enter');
      await reach(page, 'ready');
      await page.waitForSelector('#open:focus');
    }
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    await close();
  });

  it('loads nothing from another origin, and offers to go on without it', async () => {
    const { page, close } = await openPage(browser, site.url, '?model=https://example.org/model.safetensors');
    assert.match(await notice(page), /nothing from other sites.*example\.org.*Download/);
    await page.click('#notice-action');
    await reach(page, 'ready');
    assert.equal((await predictions(page)).length, 5);
    await close();
  });

  it('names the URL and the status of a missing model', async () => {
    // With a GPU: without one, its absence could be reported first.
    const withGpu = await launch(WEBGPU);
    try {
      for (const backend of ['auto', 'webgpu']) {
        const { page, close } = await openPage(withGpu, site.url, `?model=missing.safetensors&backend=${backend}`);
        assert.match(await notice(page), /missing\.safetensors.*404.*Open another \.safetensors/s);
        assert.equal(await page.innerText('#notice-action'), 'Open without parameters');
        await close();
      }
    } finally {
      await withGpu.close();
    }
  });

  it('shows the library’s errors about unknown parameters', async () => {
    for (const [query, words] of /** @type {[string, RegExp][]} */ ([
      ['?backend=abacus', /^Backend: expected auto, webgpu, cpu, found "abacus"\.$/],
      ['?threads=two', /^\?threads=two: expected "auto" or a whole number from 1\.$/],
    ])) {
      const { page, close } = await openPage(browser, site.url, query);
      assert.match(await notice(page), words);
      assert.equal(await page.innerText('#notice-action'), 'Open without parameters');
      await close();
    }
  });
});
