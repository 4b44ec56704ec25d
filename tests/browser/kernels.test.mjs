// The kernels' tests, compiled to wasm: the bodies of tests/kernels.rs on the browser's own SIMD.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';

const NAME = 'reslens-kernel-tests';
const SITE = 'http://kernels.test/';
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A page with the module, served from the folder that the build made. */
async function open() {
  const folder = process.env.RESLENS_KERNEL_TESTS;
  assert.ok(folder, 'RESLENS_KERNEL_TESTS names the folder of the compiled tests');
  const page = await browser.newPage();
  for (const extension of /** @type {const} */ (['js', 'wasm'])) {
    const body = await readFile(path.join(folder, `${NAME}.${extension}`));
    await page.route(`${SITE}${NAME}.${extension}`, (route) =>
      route.fulfill({ body, contentType: TYPES[extension] }),
    );
  }
  await page.route(SITE, (route) => route.fulfill({ body: '', contentType: TYPES.html }));
  await page.goto(SITE);
  return page;
}

test('every kernel matches the scalar reference in wasm', async (context) => {
  const page = await open();
  const names = await page.evaluate(async (name) => {
    const glue = await import(`/${name}.js`);
    await glue.default({ module_or_path: `/${name}.wasm` });
    Object.assign(globalThis, { runKernelTest: glue.runKernelTest });
    return glue.kernelTests();
  }, NAME);
  assert.ok(names.length > 5, `only ${names.length} tests`);
  /** @type {string[]} */
  const panics = [];
  page.on('console', (message) => message.type() === 'error' && panics.push(message.text()));
  for (const name of names) {
    await context.test(name, async () => {
      const failure = await page.evaluate((name) => {
        try {
          globalThis.runKernelTest(name);
          return undefined;
        } catch (error) {
          return String(error);
        }
      }, name);
      assert.equal(failure, undefined, panics.join('\n'));
    });
  }
});
