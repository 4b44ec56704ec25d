// Hostile input: no text becomes HTML or a script, and no file makes the page fetch, write or run anything.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { expectOnly, launch, watch } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { notice, openPage, reach } from './support/page.mjs';
import { startElsewhere } from './support/plain-host.mjs';
import { withMetadata, randomModel } from './support/random-model.mjs';
import { startSite } from './support/site.mjs';

/** @import { Page } from 'playwright-core' */

/** The browser's error when it refuses text where trusted types are required. */
const REFUSED = /TrustedHTML|TrustedScript|Trusted Type|trusted-types/;

describe('the page, given hostile input', () => {
  let browser, site, elsewhere, folder;
  before(async () => {
    [browser, site, elsewhere, folder] = await Promise.all([
      launch(), startSite(), startElsewhere(), mkdtemp(join(tmpdir(), 'reslens-')),
    ]);
  });
  after(() => Promise.all([browser?.close(), site?.stop(), elsewhere?.close(), folder && rm(folder, { recursive: true })]));

  /** Texts that run, or fetch from elsewhere, if a page treats them as more than text. */
  const texts = () => [
    `<img src="${elsewhere.url}img" onerror="globalThis.ran = 1">`,
    `<script>globalThis.ran = 2; fetch('${elsewhere.url}script')</script>`,
    `<svg onload="globalThis.ran = 3"><image href="${elsewhere.url}svg"/></svg>`,
    `javascript:globalThis.ran=4//`,
    `"><iframe srcdoc="<script>parent.ran = 5</script>"></iframe>`,
    `' style="background: url(${elsewhere.url}style)`,
    '${globalThis.ran = 6}', '__proto__', 'constructor', '\u202e\u0000<x-hostile>bold</x-hostile>',
  ];

  /** Writes a file to open. @param {string} name @param {string | Buffer} contents */
  async function put(name, contents) {
    const path = join(folder, name);
    await writeFile(path, contents);
    return path;
  }

  /** All traces that a hostile text could leave on a page. @param {Page} page */
  async function traces(page) {
    const found = await page.evaluate(() => ({
      ran: /** @type {any} */ (globalThis).ran ?? null,
      elements: document.querySelectorAll('iframe, object, embed, base, x-hostile, [onerror], [onload], script:not([src]), a[href^="javascript:"]').length,
      polluted: /** @type {any} */ ({}).polluted ?? null,
      cookies: document.cookie,
    }));
    return { ...found, hits: elsewhere.hits };
  }
  const NOTHING = { ran: null, elements: 0, polluted: null, cookies: '', hits: [] };

  for (const name of ['', 'lab.html', 'teach.html']) {
    it(`${name || 'index.html'} takes no text as HTML, script, or address of a script`, async () => {
      const watched = await watch(browser, site.url);
      const { page } = watched;
      const response = await page.goto(site.url + name);
      const headers = response?.headers() ?? {};
      assert.match(headers['permissions-policy'], /^camera=\(self\), .*microphone=\(\)/);
      assert.equal(headers['referrer-policy'], 'no-referrer');
      if (name !== 'lab.html') await reach(page, 'ready', 'error');
      const before = await traces(page);
      const outcomes = await page.evaluate((text) => {
        const { trustedTypes } = /** @type {any} */ (globalThis);
        const outcome = (/** @type {() => unknown} */ attempt) => {
          try {
            attempt();
            return 'done';
          } catch (error) {
            return /** @type {Error} */ (error).name;
          }
        };
        return {
          innerHTML: outcome(() => Object.assign(document.createElement('p'), { innerHTML: text })),
          write: outcome(() => document.write(text)),
          parse: outcome(() => new DOMParser().parseFromString(text, 'text/html')),
          srcdoc: outcome(() => Object.assign(document.createElement('iframe'), { srcdoc: text })),
          handler: outcome(() => document.createElement('p').setAttribute('onclick', 'globalThis.ran = 7')),
          script: outcome(() => Object.assign(document.createElement('script'), { text: 'globalThis.ran = 8' })),
          source: outcome(() => Object.assign(document.createElement('script'), { src: 'data:,' })),
          worker: outcome(() => new Worker('worker.js')),
          timer: outcome(() => setTimeout(/** @type {any} */ ('globalThis.ran = 9'))),
          policy: outcome(() => trustedTypes.createPolicy('another', {})),
          again: outcome(() => trustedTypes.createPolicy('reslens-page', { createScriptURL: String })),
        };
      }, texts()[0]);
      assert.deepEqual(outcomes, {
        innerHTML: 'TypeError', write: 'TypeError', parse: 'TypeError', srcdoc: 'TypeError', handler: 'TypeError', script: 'TypeError',
        source: 'TypeError', worker: 'TypeError', timer: 'TypeError', policy: 'TypeError', again: 'TypeError',
      });
      assert.deepEqual(await traces(page), before);
      expectOnly(watched, REFUSED);
      await watched.close();
    });
  }

  it('a model whose labels and metadata are HTML is shown as text', async () => {
    const hostile = texts();
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
    const hostile = Array.from({ length: 50 }, (_, index) => texts()[index % 3]);
    const { page, close } = await openPage(browser, site.url);
    await page.setInputFiles('#file', await put('labels', JSON.stringify(hostile)));
    await page.waitForFunction(() => Array.from(document.querySelectorAll('#predictions li'), (item) => item.getAttribute('data-label')).every((each) => each?.startsWith('<')));
    assert.deepEqual(await traces(page), NOTHING);
    await close();
  });

  for (const [what, name, contents] of /** @type {[string, string, () => string][]} */ ([
    ['an SVG with scripts and addresses', 'picture.svg', () => `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="ran=1">
      <script>fetch('${elsewhere.url}a'); parent.ran = 2</script><image href="${elsewhere.url}b" width="9" height="9"/>
      <style>@import url(${elsewhere.url}c); rect { fill: url(${elsewhere.url}d) }</style><use href="${elsewhere.url}e#f"/>
      <foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="${elsewhere.url}g"/></foreignObject><rect width="64" height="64"/></svg>`],
    ['a page called a picture', 'picture.png', () => `<!doctype html><script>ran = 3; fetch('${elsewhere.url}h')</script>`],
    ['a script called a picture', 'picture.jpg', () => `globalThis.ran = 4; fetch('${elsewhere.url}i');`],
    ['a picture whose name is HTML', '"><img src=x onerror=ran=5>.svg', () => '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="32" height="64"/></svg>'],
  ])) {
    it(`${what} is a picture or refused, and does nothing`, async () => {
      const watched = await openPage(browser, site.url);
      const { page } = watched;
      const caption = await page.innerText('#caption');
      await page.setInputFiles('#file', await put(name, contents()));
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
    for (const query of [`?model=${elsewhere.url}m.safetensors`, `?model=javascript:ran=6`, '?model=data:,x', `?backend=<img src=${elsewhere.url}>`]) {
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
