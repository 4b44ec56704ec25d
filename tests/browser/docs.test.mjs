// The documents as pages: every link has a target, no script is needed, everything fits and is legible.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { launch, watch } from './support/browser.mjs';
import { overflow, screenshot, violations } from './support/page.mjs';
import { startSite } from './support/site.mjs';

/** @import { Page } from 'playwright-core' */

const DIST = new URL('../../dist/', import.meta.url);
const PAGES = readdirSync(new URL('docs/', DIST)).filter((file) => file.endsWith('.html'));

/** From a small phone to a wide screen. The menu moves between the second width and the third. */
const WIDTHS = [360, 768, 1024, 1920];

/** Pages that together contain everything with a colour: code in each language, tables, tables of contents. */
const COLOURED = ['examples.html', 'errors.html', 'index.html'];

/** The properties of a page that the tests check. @param {Page} page */
const read = (page) => page.evaluate(() => ({
  menu: [...document.querySelectorAll('#menu a')].map((link) => link.getAttribute('href')).sort(),
  current: document.querySelectorAll('#menu [aria-current]').length,
  titles: document.querySelectorAll('h1').length,
  inline: document.querySelectorAll('script, style, [style]').length,
  headings: [...document.querySelectorAll('h2, h3')].map((title) => title.textContent),
  ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
  links: [...[...document.links].map(({ href }) => href), ...[...document.images].map(({ src }) => src)],
}));

describe('the documents', () => {
  let browser, site, watched;
  /** @type {Map<string, Awaited<ReturnType<typeof read>> & {tooWide: number[], violations: unknown[]}>} */
  const pages = new Map();
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    watched = await watch(browser, site.url);
    const { page } = watched;
    // Each page is opened once for all tests.
    for (const file of PAGES) {
      await page.goto(`${site.url}docs/${file}`);
      const tooWide = [];
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        if ((await overflow(page)) !== 0) tooWide.push(width);
      }
      pages.set(file, { ...(await read(page)), tooWide, violations: await violations(page) });
    }
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** Returns the pages for which `find` finds something, with its findings. */
  const found = (/** @type {(page: any) => any} */ find) =>
    Object.fromEntries([...pages].map(([file, page]) => [file, find(page)]).filter(([, list]) => list.length > 0));

  it('have one title, every page in the menu, and no script or inline style', () => {
    for (const [file, { menu, current, titles, inline }] of pages) {
      assert.deepEqual({ menu, current, titles, inline }, { menu: [...PAGES].sort(), current: 1, titles: 1, inline: 0 }, file);
    }
  });

  it('have no dead link', async () => {
    const links = [...pages].flatMap(([from, { links }]) => links.map((to) => ({ from, to })));
    const own = links.filter(({ to }) => to.startsWith(site.url));
    assert.ok(own.length > PAGES.length ** 2, `${own.length} links`);
    for (const { from, to } of own) {
      const { pathname, hash } = new URL(to);
      const target = pages.get(pathname.replace(/.*\/docs\//, ''));
      if (!target) assert.equal((await fetch(to, { method: 'HEAD' })).status, 200, `${from}: ${to}`);
      else if (hash) assert.ok(target.ids.includes(decodeURIComponent(hash.slice(1))), `${from}: ${to}`);
    }
    const others = links.filter(({ to }) => !to.startsWith(site.url)).map(({ to }) => new URL(to));
    assert.deepEqual(others.filter(({ protocol }) => protocol !== 'https:').map(String), []);
  });

  it('fit at any width', () => assert.deepEqual(found(({ tooWide }) => tooWide), {}));

  it('are accessible', () => assert.deepEqual(found(({ violations }) => violations), {}));

  it('are accessible in the dark scheme', async () => {
    const { page } = watched;
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const file of COLOURED) {
      await page.goto(`${site.url}docs/${file}`);
      assert.deepEqual(await violations(page), [], file);
      await screenshot(page, `docs-${file}`, false);
    }
  });

  for (const [file, classes, declared, least] of /** @type {[string, string[], string[], [number, number]][]} */ ([
    ['api', ['Classifier'], ['reslens', 'answers'], [21, 5]],
    ['api-teach', ['Teacher', 'Taught'], ['teach'], [7, 4]],
  ])) {
    it(`${file} names every public name`, () => {
      const types = declared.map((each) => readFileSync(new URL(`${each}.d.ts`, DIST), 'utf8')).join('\n');
      const names = [...types.matchAll(/^export (?:declare )?(?:class|interface|type) (\w+)/gm)].map(([, name]) => name);
      const methods = classes.flatMap((name) => {
        const [, body = ''] = new RegExp(`^export (?:declare )?class ${name} \\{\n(.*?)^\\}`, 'ms').exec(types) ?? [];
        return [...body.matchAll(/^ {2}(?:static )?(\w+)\(.*\): Promise/gm)].map(([, method]) => `${method}()`);
      });
      assert.ok(names.length >= least[0] && methods.length >= least[1], `${names} ${methods}`);
      const headings = pages.get(`${file}.html`)?.headings ?? [];
      assert.deepEqual([...names, ...methods].filter((name) => !headings.includes(name)), []);
    });
  }

  it('request nothing from other origins and log no complaint', () => watched.close());
});
