// How the page is put together: what its scripts look for stands in the document, and its rooms import one way.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));
const read = (/** @type {string} */ path) => readFile(join(WWW, path), 'utf8');

/** The rooms that a room may import from, itself included. */
const ROOMS = {
  'views': ['views', 'app/control', 'app/text', 'app/device'],
  'app/control': ['app/control', 'app/text', 'app/device'],
  'app/text': ['app/text'],
  'app/device': ['app/device'],
};

const html = await read('index.html');
const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
const scripts = (await Promise.all(Object.keys(ROOMS).map(async (room) => {
  const files = await readdir(join(WWW, room));
  return Promise.all(files.map(async (file) => ({ room, path: `${room}/${file}`, source: await read(`${room}/${file}`) })));
}))).flat();
const main = { path: 'main.js', source: await read('main.js') };

/** Every `#id` in a text. @param {string} text */
const named = (text) => [...text.matchAll(/#([a-z][\w-]*)/g)].map(([, id]) => id);

test('every id is in the document once', () => {
  assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
});

test('every id that a script needs is in the document', () => {
  const needed = [...scripts, main].flatMap(({ path, source }) => [
    ...[...source.matchAll(/\bneed\(\s*\w+,\s*(['"`])(.*?)\1/g)].flatMap(([, , selector]) => named(selector)),
    ...[...source.matchAll(/^export const id = '(.*)';/gm)].map(([, id]) => id),
  ].map((id) => ({ path, id })));
  assert.ok(needed.length > 40, `${needed.length} found: has the way to ask for an element changed?`);
  assert.deepEqual(needed.filter(({ id }) => !ids.includes(id)), []);
});

test('every id that a style or an attribute names is in the document', async () => {
  const rules = (await read('style.css')).replaceAll(/\/\*[\s\S]*?\*\/|\{[^{}]*\}/g, ';');
  const references = [...html.matchAll(/\b(?:aria-labelledby|for|href)="#?([\w-]+)"/g)].map(([, id]) => id);
  assert.deepEqual([...named(rules), ...references].filter((id) => !ids.includes(id)), []);
});

test('every view is mounted', () => {
  const views = scripts.filter(({ source }) => /^export const id = /m.test(source)).map(({ path }) => path);
  assert.ok(views.length > 0);
  for (const path of views) assert.ok(main.source.includes(`from './${path}'`), path);
});

test('imports run from the views down, and nothing imports a view', () => {
  for (const { room, path, source } of scripts) {
    const imports = [...source.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, to]) => posix.join(posix.dirname(path), to));
    for (const to of imports) {
      // The records that all rooms pass around are types alone.
      if (to === 'app/types.js') continue;
      assert.ok(ROOMS[room].includes(posix.dirname(to)), `${path} imports ${to}`);
    }
  }
});
