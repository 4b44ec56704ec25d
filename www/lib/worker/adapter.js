// The GPU that WebGPU offers to this worker: whether there is one, its name, and whether it is hardware.

import { failure, isFailure, messageOf } from '../shared/errors.js';
import { withTimeout } from './timeout.js';

/**
 * @typedef {{name: string, software: boolean, subgroups: boolean}} Adapter `subgroups`: whether four threads
 *   can read for each other
 */

/** Software adapters, by the names that browsers give them. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/**
 * Requests the adapter that the engine will request.
 * @returns {Promise<Adapter>} rejects with `BackendUnavailable`, which says what is missing, or with `DeviceLost`
 *   if there is no answer
 */
export async function findAdapter() {
  const adapter = await request();
  if (!adapter) {
    throw unavailable('WebGPU found no adapter: there is no GPU that this browser can use');
  }
  return describe(adapter);
}

async function request() {
  const { gpu } = navigator;
  if (!gpu) {
    throw unavailable(
      globalThis.isSecureContext
        ? 'this browser has no WebGPU in workers'
        : 'browsers give WebGPU only to pages from https:// or localhost',
    );
  }
  try {
    return await withTimeout(gpu.requestAdapter({ powerPreference: 'high-performance' }));
  } catch (error) {
    if (isFailure(error)) throw error;
    throw unavailable(`WebGPU found no adapter: ${messageOf(error)}`, error);
  }
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
const unavailable = (message, cause) => failure('BackendUnavailable', message, cause);

/**
 * @param {GPUAdapter} adapter
 * @returns {Adapter}
 */
export function describe(adapter) {
  // Older browsers have no `info`, or have `isFallbackAdapter` on the adapter itself.
  const { vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize = 0 } =
    /** @type {Partial<GPUAdapterInfo>} */ (adapter.info ?? {});
  const fallback = isFallbackAdapter ?? /** @type {any} */ (adapter).isFallbackAdapter ?? false;
  return {
    name: description || [vendor, architecture].filter(Boolean).join(' ') || 'an unnamed GPU',
    subgroups: adapter.features.has('subgroups') && subgroupMinSize >= 4,
    software: fallback || SOFTWARE.test([vendor, architecture, device, description].join(' ')),
  };
}
