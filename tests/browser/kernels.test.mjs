// The kernels' tests, compiled to wasm: the bodies of tests/native/kernels.rs and the random cases of
// tests/native/soak.rs on the browser's own SIMD, and on its WebGPU.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, WEBGPU } from './support/browser.mjs';
import { openKernelTests } from './support/kernels.mjs';

/** Random cases of each engine. `cargo xtask soak kernels --browser` runs ten thousand; those of a GPU compile kernels. */
const CASES = { cpu: 200, webgpu: 8 };

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch(WEBGPU);
});
after(() => browser.close());

for (const [engine, byQuads] of /** @type {const} */ ([['cpu', false], ['webgpu', false], ['webgpu', true]])) {
  const how = byQuads ? ', by quads,' : '';
  test(`every kernel of ${engine}${how} matches the scalar reference in wasm`, async (context) => {
    const { page, names, panics } = await openKernelTests(browser, engine);
    assert.ok(names.length >= 5, `only ${names.length} tests`);
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

for (const engine of /** @type {const} */ (['cpu', 'webgpu'])) {
  test(`kernels of ${engine} drawn at random match the scalar reference in wasm`, async () => {
    const { page, panics } = await openKernelTests(browser, engine);
    const { counts, failure } = await page.evaluate((cases) => globalThis.runRandomKernels(1, cases, false), CASES[engine]);
    assert.equal(failure, undefined, panics.join('\n'));
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    assert.equal(all, CASES[engine]);
  });
}
