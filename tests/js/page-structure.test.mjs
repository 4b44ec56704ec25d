// How the pages are put together: every id that a script needs is in its document, and rooms import in one direction
// only.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));
const read = (/** @type {string} */ path) => readFile(join(WWW, path), 'utf8');

/** The rooms that each room may import from, including itself. */
const ROOMS = {
  'views': ['views', 'app/control', 'app/text', 'app/device', 'vendor'],
  'app/control': ['app/control', 'app/text', 'app/device'],
  'app/text': ['app/text'],
  'app/device': ['app/device'],
};

const scripts = (await Promise.all(Object.keys(ROOMS).map(async (room) => {
  const files = await readdir(join(WWW, room));
  return Promise.all(files.map(async (file) => ({ room, path: `${room}/${file}`, source: await read(`${room}/${file}`) })));
}))).flat();

/** A module and the scripts that it imports. @param {string} path @param {Map<string, string>} [found] */
async function reach(path, found = new Map()) {
  const source = await read(path);
  found.set(path, source);
  for (const [, to] of source.matchAll(/(?:from |\bimport\()'(\.[^']+\.js)'/g)) {
    const next = posix.join(posix.dirname(path), to);
    if (/^(?:views|app)\//.test(next) && !found.has(next)) await reach(next, found);
  }
  return found;
}

/** The documents, their scripts, and lower bounds for the ids and views on each. @type {[string, string, number, number][]} */
const PAGES = [['index.html', 'main.js', 40, 10], ['teach.html', 'teach-main.js', 40, 10], ['lab.html', 'lab-main.js', 25, 9]];

/** A page: its document, the ids in it, and its scripts by their paths. */
const pages = await Promise.all(PAGES.map(async ([document, main, leastIds, leastViews]) => {
  const html = await read(document);
  const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  return { document, html, ids, main, leastIds, leastViews, sources: await reach(main) };
}));

/** Every `#id` in a text. @param {string} text */
const named = (text) => [...text.matchAll(/#([a-z][\w-]*)/g)].map(([, id]) => id);

for (const { document, html, ids, main, leastIds, leastViews, sources } of pages) {
  test(`${document}: every id is unique`, () => {
    assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
  });

  test(`${document}: every id that a script needs exists`, () => {
    const needed = [...sources].flatMap(([path, source]) => [
      ...[...source.matchAll(/\bneed\(\s*\w+,\s*(['"`])(.*?)\1/g)].flatMap(([, , selector]) => named(selector)),
      ...[...source.matchAll(/^export const id = '(.*)';/gm)].map(([, id]) => id),
    ].map((id) => ({ path, id })));
    assert.ok(needed.length > leastIds, `${needed.length} found: has the way to ask for an element changed?`);
    assert.deepEqual(needed.filter(({ id }) => !ids.includes(id)), []);
  });

  test(`${document}: every id that an attribute names exists`, () => {
    const references = [...html.matchAll(/\b(?:aria-labelledby|aria-controls|for|href)="#?([a-z][\w-]+)"/g)].map(([, id]) => id);
    const files = [...html.matchAll(/href="([^"]+\.\w+)"/g)].map(([, file]) => file);
    assert.deepEqual(references.filter((id) => !ids.includes(id) && !files.some((file) => file.startsWith(id))), []);
  });

  test(`${document}: every view that its scripts import is mounted`, () => {
    const views = [...sources].filter(([, source]) => /^export const id = /m.test(source)).map(([path]) => path);
    assert.ok(views.length > leastViews, views.join());
    for (const path of views) assert.match(String(sources.get(main)), new RegExp(`(from |import\\()'\\./${path}'`));
  });
}

test('every view is on a page', () => {
  const views = scripts.filter(({ source }) => /^export const id = /m.test(source)).map(({ path }) => path);
  assert.deepEqual(views.filter((path) => !pages.some(({ sources }) => sources.has(path))), []);
});

test('every id that a style names is in a document', async () => {
  const sheets = await Promise.all((await readdir(WWW)).filter((file) => file.endsWith('.css')).map(read));
  const rules = sheets.join('').replaceAll(/\/\*[\s\S]*?\*\/|\{[^{}]*\}/g, ';');
  assert.deepEqual(named(rules).filter((id) => !pages.some(({ ids }) => ids.includes(id))), []);
});

test('imports run from the views down, and nothing imports a view', () => {
  for (const { room, path, source } of scripts) {
    const imports = [...source.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, to]) => posix.join(posix.dirname(path), to));
    for (const to of imports) {
      // These files contain only types, which all rooms share.
      if (['app/types.js', 'app/lab-types.js'].includes(to)) continue;
      // The library's entry points are below all rooms; rooms that only draw or compute do not use it.
      if (['lab.js', 'reslens.js', 'teach.js'].includes(to) && room === 'app/control') continue;
      assert.ok(ROOMS[room].includes(posix.dirname(to)), `${path} imports ${to}`);
    }
  }
});
