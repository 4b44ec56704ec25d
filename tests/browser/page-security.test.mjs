// Hostile input: no text becomes HTML or a script, and no file makes the page fetch, write or run anything.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { expectOnly, launch, watch } from './support/browser.mjs';
import {
  EVERY_PLACE_REFUSES, findTraces, hostileFiles, hostileQueries, hostileTexts, NO_TRACES, REFUSED, tryEveryPlace,
} from './support/hostile.mjs';
import { openLibrary } from './support/library.mjs';
import { notice, openPage, reach } from './support/page.mjs';
import { startElsewhere } from './support/plain-host.mjs';
import { withMetadata, randomModel } from './support/random-model.mjs';
import { startSite } from './support/site.mjs';

/** @import { Page } from 'playwright-core' */

describe('the page, given hostile input', () => {
  let browser, site, elsewhere, folder;
  before(async () => {
    [browser, site, elsewhere, folder] = await Promise.all([
      launch(), startSite(), startElsewhere(), mkdtemp(join(tmpdir(), 'reslens-')),
    ]);
  });
  after(() => Promise.all([browser?.close(), site?.stop(), elsewhere?.close(), folder && rm(folder, { recursive: true })]));

  /** Writes a file to open. @param {string} name @param {string | Buffer} contents */
  async function put(name, contents) {
    const path = join(folder, name);
    await writeFile(path, contents);
    return path;
  }

  /** All traces that a hostile text could leave on a page. @param {Page} page */
  const traces = async (page) => ({ ...(await page.evaluate(findTraces)), hits: elsewhere.hits });
  const NOTHING = { ...NO_TRACES, hits: [] };

  for (const name of ['', 'lab.html', 'teach.html']) {
    it(`${name || 'index.html'} takes no text as HTML, script, or address of a script`, async () => {
      const watched = await watch(browser, site.url);
      const { page } = watched;
      const response = await page.goto(site.url + name);
      const headers = response?.headers() ?? {};
      assert.match(headers['permissions-policy'], /^camera=\(self\), .*microphone=\(\)/);
      assert.equal(headers['referrer-policy'], 'no-referrer');
      // The lab's script has run once this element is gone.
      await page.waitForFunction(() => !document.querySelector('#unstarted'));
      if (name !== 'lab.html') await reach(page, 'ready', 'error');
      const before = await traces(page);
      const outcomes = await page.evaluate(tryEveryPlace, hostileTexts(elsewhere.url)[0]);
      assert.deepEqual(outcomes, EVERY_PLACE_REFUSES);
      assert.deepEqual(await traces(page), before);
      expectOnly(watched, REFUSED);
      await watched.close();
    });
  }

  it('a model whose labels and metadata are HTML is shown as text', async () => {
    const hostile = hostileTexts(elsewhere.url);
    const model = withMetadata(randomModel('resnet18', { inputSize: 64, classes: hostile.length }), {
      'reslens.labels': JSON.stringify(hostile),
      'reslens.licence': hostile[0], 'reslens.card': hostile[1], format: hostile[2], polluted: hostile[3],
    });
    const { page, close } = await openPage(browser, site.url);
    const before = await traces(page);
    await page.setInputFiles('#file', await put(`<img src=x onerror=ran=10>.safetensors`, model));
    await page.waitForFunction((label) => Array.from(document.querySelectorAll('#predictions li'), (item) => item.getAttribute('data-label')).includes(label), hostile[0]);
    const shown = await page.innerText('#predictions');
    assert.ok(hostile.some((text) => shown.includes(text.slice(0, 20))), shown);
    // The other views that name classes: evidence, and the text at the pointer.
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
    await page.waitForSelector('html[data-state="ready"]');
    assert.deepEqual(await traces(page), { ...before, ...NOTHING });
    await close();
  });

  it('a list of labels that is HTML is shown as text', async () => {
    const hostile = Array.from({ length: 50 }, (_, index) => hostileTexts(elsewhere.url)[index % 3]);
    const { page, close } = await openPage(browser, site.url);
    await page.setInputFiles('#file', await put('labels', JSON.stringify(hostile)));
    await page.waitForFunction(() => Array.from(document.querySelectorAll('#predictions li'), (item) => item.getAttribute('data-label')).every((each) => each?.startsWith('<')));
    assert.deepEqual(await traces(page), NOTHING);
    await close();
  });

  for (const [index, [what]] of hostileFiles('').entries()) {
    it(`${what} is a picture or refused, and does nothing`, async () => {
      const [, name, contents] = hostileFiles(elsewhere.url)[index];
      const watched = await openPage(browser, site.url);
      const { page } = watched;
      const caption = await page.innerText('#caption');
      await page.setInputFiles('#file', await put(name, contents));
      await page.waitForFunction((caption) => {
        const refused = document.querySelector('#notice:not([hidden])');
        return refused || document.querySelector('#caption')?.textContent !== caption;
      }, caption);
      if (await page.isVisible('#notice')) assert.doesNotMatch(await notice(page), /undefined|\[object/);
      assert.deepEqual(await traces(page), NOTHING);
      // The console reports what the policy refused to the picture's document.
      expectOnly(watched, /Content Security Policy|Failed to load resource/);
      await watched.close();
    });
  }

  it('a page’s address cannot make it load a model from elsewhere, or run text', async () => {
    for (const query of hostileQueries(elsewhere.url)) {
      const watched = await openPage(browser, site.url, query);
      assert.deepEqual(await traces(watched.page), NOTHING, query);
      expectOnly(watched, /Content Security Policy|Refused to connect|Fetch API cannot load|model/);
      await watched.page.context().close();
    }
  });

  describe('the library on pages that require trusted types', () => {
    const load = (/** @type {Page} */ page, assets = '') => page.evaluate(async (assets) => {
      const options = assets ? { assets: new URL(assets, document.baseURI) } : {};
      const classifier = await Classifier.load({ backend: 'cpu', threads: 2, ...options });
      const { predictions } = await classifier.classify(picture());
      const { Lab } = await import(new URL('lab.js', document.baseURI).href);
      const lab = await Lab.load(options);
      await lab.dispose?.();
      return predictions.length;
    }, assets);

    it('works under its own policies, and violates nothing if it is given its folder', async () => {
      const library = await openLibrary(browser, site.url, " require-trusted-types-for 'script'; trusted-types reslens reslens-lab;");
      assert.equal(await load(library.page, './'), 5);
      await library.close();
    });

    it('works with its files beside it, after one refusal of a plain address for each worker', async () => {
      const library = await openLibrary(browser, site.url, " require-trusted-types-for 'script'; trusted-types reslens reslens-lab;");
      assert.equal(await load(library.page), 5);
      assert.ok(library.complaints.length > 0);
      expectOnly(library, REFUSED);
      await library.close();
    });

    it('says what is missing if its policy is not allowed', async () => {
      const library = await openLibrary(browser, site.url, " require-trusted-types-for 'script'; trusted-types 'none';");
      const { message } = await library.page.evaluate(() => outcome(Classifier.load({ backend: 'cpu' })));
      assert.match(message, /TrustedScriptURL|trusted-types reslens/);
      expectOnly(library, REFUSED);
      await library.close();
    });
  });
});
