// Compares a browser's answers with the native engine's, on real pictures:
//
//     cargo xtask model eval --data DIR --answers answers.tsv
//     node tests/browser/same-answers.mjs answers.tsv [BACKEND [PICTURES]]
//
// Takes one of every few pictures, 50 by default. Not a test: the pictures are not in the repository.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { launch, WEBGPU } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const [file, backend = 'cpu', pictures = '50'] = process.argv.slice(2);
if (!file) {
  console.error('expected: node tests/browser/same-answers.mjs ANSWERS.tsv [cpu|webgpu [PICTURES]]');
  process.exit(2);
}
const lines = (await readFile(file, 'utf8')).trim().split('\n').map((line) => line.split('\t'));
const step = Math.max(Math.floor(lines.length / Number(pictures)), 1);
const chosen = lines.filter((_, index) => index % step === 0).slice(0, Number(pictures));

const [browser, site] = await Promise.all([launch(backend === 'webgpu' ? WEBGPU : []), startSite()]);
try {
  const { page } = await openLibrary(browser, site.url);
  const classifier = await page.evaluateHandle((backend) => Classifier.load({ backend }), /** @type {'cpu' | 'webgpu'} */ (backend));
  const different = [];
  for (const [path, label, probability] of chosen) {
    const jpeg = (await readFile(path)).toString('base64');
    const [first] = await classifier.evaluate(async (classifier, jpeg) => {
      const bytes = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
      return (await classifier.classify(new Blob([bytes]))).predictions;
    }, jpeg);
    if (first.label !== label) {
      different.push(`${path}: ${label} ${probability}, in the browser ${first.label} ${first.probability}`);
    }
  }
  console.log(`${chosen.length - different.length} of ${chosen.length} answers are the same on ${backend}`);
  assert.deepEqual(different, []);
} finally {
  await Promise.all([browser.close(), site.stop()]);
}
