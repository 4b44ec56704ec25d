// The browser features that the library needs are checked before anything is fetched.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { startRuntime } from '../../www/lib/worker/runtime.js';

const { validate } = WebAssembly;
const { structuredClone } = globalThis;

afterEach(() => {
  Object.assign(WebAssembly, { validate });
  Object.assign(globalThis, { structuredClone });
});

for (const [what, remove] of /** @type {[string, () => void][]} */ ([
  ['WebAssembly SIMD', () => Object.assign(WebAssembly, { validate: () => false })],
  ['structuredClone', () => Reflect.deleteProperty(globalThis, 'structuredClone')],
])) {
  test(`the error for a browser without ${what} says so`, async () => {
    remove();
    const fetched = () => assert.fail('something is fetched');
    const parts = /** @type {any} */ ({ files: { has: () => true, load: fetched } });
    await assert.rejects(startRuntime({ threads: 'auto', trapped: null }, parts, fetched), {
      name: 'BackendUnavailable',
      message: `this browser lacks ${what}: use Chrome or Edge 112, Firefox 114, Safari 16.4 or newer`,
    });
  });
}
