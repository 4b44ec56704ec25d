// Every export of a script has a comment.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));

const EXPORT = /^export (?:default |async )*(?:function\*?|class|const|let) (\w+)/;

/**
 * The exports of a script that have no comment. The comment at the beginning of the file may describe one of them. A
 * view's `id` is described in `views/mount.js`.
 * @param {string} path
 */
async function undescribed(path) {
  const lines = (await readFile(join(WWW, path), 'utf8')).split('\n');
  const missing = lines.flatMap((line, at) => {
    const name = EXPORT.exec(line)?.[1];
    const described = lines[at - 1]?.endsWith('*/') || (path.startsWith('views/') && name === 'id');
    return name && !described ? [`${path}: ${name}`] : [];
  });
  const first = lines.find((line) => line !== '' && !line.startsWith('import ')) ?? '';
  const hasHeader = first.startsWith('//') || (first.startsWith('/**') && !first.includes('@import'));
  return hasHeader && missing.length === 1 ? [] : missing;
}

test('every exported function, class and constant has a comment', async () => {
  const paths = (await readdir(WWW, { recursive: true })).filter((path) => path.endsWith('.js'));
  assert.ok(paths.length > 100, String(paths.length));
  assert.deepEqual((await Promise.all(paths.map(undescribed))).flat(), []);
});
