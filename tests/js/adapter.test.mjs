// Requesting an adapter: the errors for no adapter and for no answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findAdapter } from '../../www/lib/worker/adapter.js';
import { wait } from './fake-gpu.mjs';

/** Makes WebGPU answer with this function. @param {() => Promise<any>} requestAdapter */
const offer = (requestAdapter) =>
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu: { requestAdapter } } });

test('no adapter, or a refusal, is BackendUnavailable', async () => {
  offer(async () => null);
  await assert.rejects(findAdapter(), { name: 'BackendUnavailable', message: /found no adapter: there is no GPU/ });
  offer(() => Promise.reject(new Error('blocked')));
  await assert.rejects(findAdapter(), { name: 'BackendUnavailable', message: /found no adapter: blocked/ });
});

test('no answer within ten seconds is DeviceLost', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  offer(() => new Promise(() => {}));
  const silent = assert.rejects(findAdapter(), { name: 'DeviceLost', message: /not answered within 10 seconds/ });
  for (let second = 1; second <= 10; second++) await wait(context, 1);
  await silent;
});
