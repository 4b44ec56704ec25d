// The kernels' tests, compiled to wasm: the bodies of tests/native/kernels.rs on the browser's own SIMD and on its
// WebGPU.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { launch, WEBGPU } from './support/browser.mjs';

const SITE = 'http://localhost/';
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch(WEBGPU);
});
after(() => browser.close());

/**
 * A page with the tests of one engine, served from the folder that the build made. WebGPU is available
 * only on secure pages, and localhost is one.
 * @param {string} engine
 */
async function open(engine) {
  const name = `reslens-kernel-tests-${engine}`;
  const folders = (process.env.RESLENS_KERNEL_TESTS ?? '').split(path.delimiter);
  const folder = folders.find((folder) => folder.includes(name));
  assert.ok(folder, `RESLENS_KERNEL_TESTS names the folder of ${name}`);
  const page = await browser.newPage();
  for (const extension of /** @type {const} */ (['js', 'wasm'])) {
    const body = await readFile(path.join(folder, `${name}.${extension}`));
    await page.route(`${SITE}${name}.${extension}`, (route) =>
      route.fulfill({ body, contentType: TYPES[extension] }),
    );
  }
  await page.route(SITE, (route) => route.fulfill({ body: '', contentType: TYPES.html }));
  await page.goto(SITE);
  const names = await page.evaluate(async (name) => {
    const glue = await import(`/${name}.js`);
    await glue.default({ module_or_path: `/${name}.wasm` });
    // A panic never settles the test's promise; it reaches the page as an error event.
    const panicked = new Promise((_, reject) => addEventListener('error', (event) => reject(event.message)));
    // wgpu cannot request subgroups; the library requests them in the same way.
    let subgroups = false;
    if ('GPUAdapter' in globalThis) {
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = function (options) {
        /** @type {GPUFeatureName[]} */
        const more = subgroups ? ['subgroups'] : [];
        const requiredFeatures = [...(options?.requiredFeatures ?? []), ...more];
        return requestDevice.call(this, { ...options, requiredFeatures });
      };
    }
    Object.assign(globalThis, {
      runKernelTest: (/** @type {string} */ test, /** @type {boolean} */ byQuads) => {
        subgroups = byQuads;
        return Promise.race([glue.runKernelTest(test, byQuads), panicked]).then(() => undefined, String);
      },
    });
    return glue.kernelTests();
  }, name);
  return { page, names };
}

for (const [engine, byQuads] of /** @type {const} */ ([['cpu', false], ['webgpu', false], ['webgpu', true]])) {
  const how = byQuads ? ', by quads,' : '';
  test(`every kernel of ${engine}${how} matches the scalar reference in wasm`, async (context) => {
    const { page, names } = await open(engine);
    assert.ok(names.length >= 5, `only ${names.length} tests`);
    /** @type {string[]} */
    const panics = [];
    page.on('console', (message) => message.type() === 'error' && panics.push(message.text()));
    for (const name of names) {
      await context.test(name, async () => {
        const failure = await page.evaluate(
          ([name, byQuads]) => globalThis.runKernelTest(name, byQuads),
          /** @type {const} */ ([name, byQuads]),
        );
        assert.equal(failure, undefined, panics.join('\n'));
      });
    }
  });
}
