// Files that are opened on the page: models as PyTorch saves them, and labels for models.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { launch } from './support/browser.mjs';
import { notice, openPage, predictions, reach } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const fixture = (/** @type {string} */ name) => readFile(new URL(`../fixtures/${name}`, import.meta.url));
const THINGS = Array.from({ length: 10 }, (_, index) => `thing ${index}`);

describe('files on the page', () => {
  let browser, site, folder;
  before(async () => {
    [browser, site, folder] = await Promise.all([launch(), startSite(), mkdtemp(join(tmpdir(), 'reslens-'))]);
  });
  after(() => Promise.all([browser?.close(), site?.stop(), folder && rm(folder, { recursive: true })]));

  /** Writes a file to open; its name must not give its kind away. */
  async function put(name, contents) {
    const path = join(folder, name);
    await writeFile(path, contents);
    return path;
  }
  const checkpoint = async (name) => put('checkpoint', gunzipSync(await fixture(name)));
  const labelled = (page, prefix) => page.waitForSelector(`#predictions li[data-label^="${prefix}"]`);

  for (const format of ['legacy', 'nested']) {
    it(`a checkpoint of PyTorch (${format}) replaces the model, and a list of labels its names`, async () => {
      const { page, close } = await openPage(browser, site.url);
      await page.setInputFiles('#file', await checkpoint(`resnet18-${format}.pth.gz`));
      await labelled(page, 'class ');
      await page.waitForSelector('#model:has-text("10 labels")');
      const before = await predictions(page);
      await page.setInputFiles('#file', await put('names', `\ufeff${THINGS.join('\n')}\n\n`));
      await labelled(page, 'thing ');
      const after = await predictions(page);
      assert.deepEqual(after, before.map(({ label, probability }) => ({ label: label?.replace('class', 'thing'), probability })));
      await close();
    });
  }

  it('a model and its labels are opened together, and the next model does not get these labels', async () => {
    const { page, close } = await openPage(browser, site.url);
    const model = await checkpoint('resnet18-nested.pth.gz');
    const id2label = Object.fromEntries(THINGS.entries());
    await page.setInputFiles('#file', [await put('config', JSON.stringify({ id2label })), model]);
    await labelled(page, 'thing ');
    await page.setInputFiles('#file', model);
    await labelled(page, 'class ');
    await close();
  });

  it('labels that do not fit are refused, and the model stays', async () => {
    const { page, close } = await openPage(browser, site.url);
    const before = await predictions(page);
    await page.setInputFiles('#file', await put('names', THINGS.join('\n')));
    await reach(page, 'error');
    assert.match(await notice(page), /^Labels: expected 50, .* found 10\.$/);
    assert.deepEqual(await predictions(page), before);
    await close();
  });

  it("a Git LFS pointer and half a checkpoint are each named in the error", async () => {
    const { page, close } = await openPage(browser, site.url);
    const whole = gunzipSync(await fixture('resnet18-legacy.pth.gz'));
    for (const [contents, words] of /** @type {[Buffer, RegExp][]} */ ([
      [await fixture('field/lfs_pointer.pth'), /Git LFS/],
      [whole.subarray(0, whole.length >> 1), /incomplete/],
    ])) {
      await page.setInputFiles('#file', await put('checkpoint', contents));
      assert.match(await notice(page), words);
      await page.click('#notice-close');
    }
    await close();
  });
});
