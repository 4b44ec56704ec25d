// A page with the kernels' tests of one engine, compiled to wasm.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** @import { Browser } from 'playwright-core' */

const SITE = 'http://localhost/';
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

/**
 * Opens it, served from the folder that the build made. WebGPU is there for secure pages only, and localhost is one.
 * @param {Browser} browser
 * @param {string} engine
 */
export async function openKernelTests(browser, engine) {
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
  /** @type {string[]} What the panics of the tests say. */
  const panics = [];
  page.on('console', (message) => message.type() === 'error' && panics.push(message.text()));
  const names = await page.evaluate(prepare, name);
  return { page, names, panics };
}

/** Loads the wasm file and leaves the two functions on the page. @param {string} name */
async function prepare(name) {
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
  /** @param {boolean} byQuads @param {(tests: any) => Promise<void>} use */
  const withTests = async (byQuads, use) => {
    subgroups = byQuads;
    const run = async () => {
      const tests = await glue.KernelTests.open(byQuads);
      await use(tests);
      tests.free();
    };
    return Promise.race([run(), panicked]).then(() => undefined, String);
  };
  Object.assign(globalThis, {
    /** @param {string} test @param {boolean} byQuads */
    runKernelTest: (test, byQuads) => withTests(byQuads, (tests) => tests.run(test)),
    /** @param {number} first @param {number} cases @param {boolean} byQuads */
    runRandomKernels: async (first, cases, byQuads) => {
      /** @type {Record<string, number>} */
      const counts = {};
      let seed = first;
      const failure = await withTests(byQuads, async (tests) => {
        for (; seed < first + cases; seed++) {
          const kind = await tests.runRandom(seed);
          counts[kind] = (counts[kind] ?? 0) + 1;
        }
      });
      return { counts, failure: failure && `seed ${seed}: ${failure}` };
    },
  });
  return glue.kernelTests();
}
