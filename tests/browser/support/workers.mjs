// Changes to the library's workers from outside, which count their use of WebGPU or break it.
//
// The engine's worker and its threads run the same script, and so the same changes.

// For files that import this one without the other tests.
/// <reference path="./globals.d.ts" />

/** @import { Page, Worker } from 'playwright-core' */

/**
 * Makes `changes` run in each new worker of the library, before the worker's own code.
 * @param {Page} page
 * @param {...(() => void)} changes
 */
export async function changeWorkers(page, ...changes) {
  await page.context().route('**/worker.js', async (route) => {
    const response = await route.fetch();
    const prelude = changes.map((change) => `(${change})();\n`).join('');
    await route.fulfill({ response, body: prelude + (await response.text()) });
  });
}

/**
 * The worker with the engines. Its threads run the same script and may be attached first, but they fetch no wasm file, and
 * one that waits for work does not answer at all.
 * @param {Page} page
 * @returns {Promise<Worker>} rejects if no engine is running
 */
export function engineOf(page) {
  const isEngine = () => performance.getEntriesByType('resource').some(({ name }) => /reslens-(cpu|webgpu).*\.wasm$/.test(name));
  return Promise.any(page.workers().map(async (worker) => {
    if (await worker.evaluate(isEngine)) return worker;
    throw new Error(`no engine: ${worker.url()}`);
  }));
}

/**
 * Runs `act` in the worker with the engines. It does not wait for the worker, as `evaluate` does: a worker that ends
 * because of `act` may end before it answers.
 * @param {Page} page
 * @param {() => void | Promise<void>} act
 */
export async function actInEngine(page, act) {
  await (await engineOf(page)).evaluate(`{ new BroadcastChannel('act').onmessage = ${act}; }`);
  await page.evaluate(() => new BroadcastChannel('act').postMessage(null));
}

/**
 * A change: `globalThis.changeExports`, which another change defines, receives the exports of each engine's wasm file
 * and may replace functions.
 */
export function openExports() {
  const { instantiate } = WebAssembly;
  Object.assign(WebAssembly, {
    async instantiate(/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports} */ imports) {
      const exports = { ...(await instantiate(module, imports)).exports };
      globalThis.changeExports(exports);
      // The engine's JavaScript requires an `Instance`.
      return Object.create(WebAssembly.Instance.prototype, { exports: { value: exports } });
    },
  });
}

/**
 * A change for use after `openExports`: ways to break the engine. `sabotage` makes the next call of an exported
 * function (by default that of `classify`) read beyond the memory and trap. `exhaust` takes all that the memory can
 * grow by.
 */
export function breakable() {
  /** @param {Record<string, any>} exports */
  const changeExports = (exports) => {
    const { memory } = exports;
    Object.assign(globalThis, {
      exhaust: () => memory.grow(65536 - memory.buffer.byteLength / 65536),
      sabotage(name = 'engine_classify') {
        const called = exports[name];
        exports[name] = (/** @type {unknown} */ _, /** @type {unknown[]} */ ...rest) => called(0x3fffffff, ...rest);
      },
    });
  };
  Object.assign(globalThis, { changeExports });
}
