// Hostile input, as in tests/browser/page-security.test.mjs: no text becomes HTML or a script, and no file makes the page
// fetch or run anything.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  EVERY_PLACE_REFUSES, findTraces, hostileFiles, hostileQueries, hostileTexts, NO_TRACES, REFUSED, tryEveryPlace,
} from '../browser/support/hostile.mjs';
import { install } from '../browser/support/library.mjs';
import { notice, reach } from '../browser/support/page.mjs';
import { PlainHost, startElsewhere } from '../browser/support/plain-host.mjs';
import { randomModel, withMetadata } from '../browser/support/random-model.mjs';
import { startSite } from '../browser/support/site.mjs';
import { launch } from './support/browser.mjs';

describe('the page, given hostile input', () => {
  let browser, site, host, elsewhere, tab;
  before(async () => {
    [browser, site, host, elsewhere] = await Promise.all([launch(), startSite(), new PlainHost().start(), startElsewhere()]);
    tab = browser.tab;
  });
  after(() => Promise.all([browser?.close(), site?.stop(), host?.close(), elsewhere?.close()]));

  const traces = async () => ({ ...(await tab.evaluate(findTraces)), hits: elsewhere.hits });
  const NOTHING = { ...NO_TRACES, hits: [] };

  /** Opens the page on the host, whose files the tests may change. @param {string} [query] */
  async function open(query = '?backend=cpu') {
    await tab.goto(host.url + query);
    await reach(tab, 'ready', 'error');
  }

  /** Chooses a file on the page, with the type that browsers give a file of this name. @param {string} name @param {string | Buffer} contents */
  async function choose(name, contents) {
    await writeFile(join(host.folder, 'hostile'), contents);
    await tab.evaluate(async (/** @type {string} */ name) => {
      const body = await (await fetch('hostile', { cache: 'no-store' })).blob();
      const transfer = new DataTransfer();
      const type = { svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg' }[name.split('.').at(-1) ?? ''];
      transfer.items.add(new File([body], name, { type }));
      const input = /** @type {HTMLInputElement} */ (document.querySelector('#file'));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, name);
  }

  for (const name of ['', 'lab.html', 'teach.html']) {
    it(`${name || 'index.html'} takes no text as HTML, script, or address of a script`, async () => {
      await tab.goto(site.url + name);
      // The lab's script has run once this element is gone.
      await tab.waitForFunction(() => !document.querySelector('#unstarted'));
      if (name !== 'lab.html') await reach(tab, 'ready', 'error');
      const before = await traces();
      assert.deepEqual(await tab.evaluate(tryEveryPlace, hostileTexts(elsewhere.url)[0]), EVERY_PLACE_REFUSES);
      assert.deepEqual(await traces(), before);
    });
  }

  it('a model whose labels and metadata are HTML is shown as text', async () => {
    const hostile = hostileTexts(elsewhere.url);
    const model = withMetadata(randomModel('resnet18', { inputSize: 64, classes: hostile.length }), {
      'reslens.labels': JSON.stringify(hostile),
      'reslens.licence': hostile[0], 'reslens.card': hostile[1], format: hostile[2], polluted: hostile[3],
    });
    await open();
    const before = await traces();
    await choose(`<img src=x onerror=ran=10>.safetensors`, model);
    await tab.waitForFunction((/** @type {string} */ label) =>
      Array.from(document.querySelectorAll('#predictions li'), (item) => item.getAttribute('data-label')).includes(label), hostile[0]);
    const shown = await tab.innerText('#predictions');
    assert.ok(hostile.some((text) => shown.includes(text.slice(0, 20))), shown);
    await tab.evaluate(`document.querySelectorAll('details').forEach((details) => { details.open = true; });`);
    await tab.waitForSelector('html[data-state="ready"]');
    assert.deepEqual(await traces(), { ...before, ...NOTHING });
  });

  it('a list of labels that is HTML is shown as text', async () => {
    await open();
    await choose('labels', JSON.stringify(Array.from({ length: 50 }, (_, index) => hostileTexts(elsewhere.url)[index % 3])));
    await tab.waitForFunction(() => {
      const items = [...document.querySelectorAll('#predictions li')];
      return items.length > 0 && items.every((item) => item.getAttribute('data-label')?.startsWith('<'));
    });
    assert.deepEqual(await traces(), NOTHING);
  });

  for (const [index, [what]] of hostileFiles('').entries()) {
    it(`${what} is a picture or refused, and does nothing`, async (t) => {
      const [, name, contents] = hostileFiles(elsewhere.url)[index];
      await open();
      const caption = await tab.innerText('#caption');
      await choose(name, contents);
      await tab.waitForFunction((/** @type {string} */ caption) =>
        document.querySelector('#notice:not([hidden])') || document.querySelector('#caption')?.textContent !== caption, caption);
      const refused = await tab.evaluate(() => Boolean(document.querySelector('#notice:not([hidden])')));
      t.diagnostic(refused ? await notice(tab) : `shown as ${await tab.innerText('#caption')}`);
      if (refused) assert.doesNotMatch(await notice(tab), /undefined|\[object/);
      assert.deepEqual(await traces(), NOTHING);
    });
  }

  it('a page’s address cannot make it load a model from elsewhere, or run text', async () => {
    for (const query of hostileQueries(elsewhere.url)) {
      await open(query);
      assert.deepEqual(await traces(), NOTHING, query);
    }
  });

  describe('the library on pages that require trusted types', () => {
    /** A separate host, because the page's service worker adds the page's policy to every document. */
    let own;
    before(async () => {
      own = await new PlainHost().start();
    });
    after(() => own?.close());

    /** Opens a page with the library. @param {string} policies the names of the policies that it allows */
    async function openRequiring(policies) {
      const policy = `require-trusted-types-for 'script'; trusted-types ${policies}`;
      const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>blank</title>`;
      await writeFile(join(own.folder, 'requiring.html'), `<!doctype html><html lang="en">${head}`);
      await tab.goto(`${own.url}requiring.html?${encodeURIComponent(policies)}`);
      await tab.evaluate(install);
    }

    it('works under its own policies, with its folder given or beside it', async () => {
      await openRequiring('reslens reslens-lab');
      for (const assets of ['./', '']) {
        const count = await tab.evaluate(async (/** @type {string} */ assets) => {
          const options = assets ? { assets: new URL(assets, document.baseURI) } : {};
          const classifier = await Classifier.load({ backend: 'cpu', threads: 1, ...options });
          const { predictions } = await classifier.classify(picture());
          const { Lab } = await import(new URL('lab.js', document.baseURI).href);
          const lab = await Lab.load(options);
          await lab.dispose?.();
          await classifier.dispose();
          return predictions.length;
        }, assets);
        assert.equal(count, 5, assets);
      }
    });

    it('says what is missing if its policy is not allowed', async () => {
      await openRequiring("'none'");
      const { message } = await tab.evaluate(() => outcome(Classifier.load({ backend: 'cpu' })));
      assert.match(message, /TrustedScriptURL|trusted-types reslens/);
    });
  });

  it('logs nothing to the console but refusals', async (t) => {
    if (!browser.complaints) return t.skip('this driver does not report it');
    const others = browser.complaints.filter((/** @type {string} */ text) => !REFUSED.test(text));
    assert.deepEqual(others.filter((/** @type {string} */ text) => !/Content[- ]Security[- ]Policy/i.test(text)), []);
  });
});
