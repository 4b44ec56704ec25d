// The library with changes to its worker's WebGPU: to count what is done with it, or to break it.

import { openLibrary } from './library.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/**
 * Opens the library; `changes` run in each of its workers before the worker's own code.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {...(() => void)} changes
 */
export async function openChanged(browser, url, ...changes) {
  const library = await openLibrary(browser, url);
  await library.page.context().route('**/worker.js', async (route) => {
    const response = await route.fetch();
    const prelude = changes.map((change) => `(${change})();\n`).join('');
    await route.fulfill({ response, body: prelude + (await response.text()) });
  });
  return library;
}

/** The worker with the engines in it. @param {Page} page */
export function engineOf(page) {
  const worker = page.workers().find((each) => each.url().endsWith('/worker.js'));
  if (!worker) throw new Error('no engine is running');
  return worker;
}

/**
 * A change: counts in `globalThis.gpu` of the worker, and tells the page by a BroadcastChannel of
 * the name `gpu` whenever the GPU's memory changes.
 */
export function countGpu() {
  const counts = { dispatches: 0, buffers: 0, bytes: 0 };
  Object.assign(globalThis, { gpu: counts });
  const channel = new BroadcastChannel('gpu');
  const worker = crypto.randomUUID();
  /** @type {WeakMap<GPUDevice, Set<GPUBuffer>>} the buffers of each device that are not destroyed */
  const buffers = new WeakMap();
  const count = (/** @type {GPUBuffer} */ { size }, /** @type {1 | -1} */ sign) => {
    counts.buffers += sign;
    counts.bytes += sign * size;
    channel.postMessage({ worker, ...counts });
  };

  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
    counts.dispatches += 1;
    return dispatchWorkgroups.apply(this, groups);
  };
  const { createBuffer, destroy: destroyDevice } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    const own = buffers.get(this) ?? new Set();
    buffers.set(this, own.add(buffer));
    count(buffer, 1);
    const { destroy } = buffer;
    buffer.destroy = () => {
      if (own.delete(buffer)) count(buffer, -1);
      destroy.call(buffer);
    };
    return buffer;
  };
  GPUDevice.prototype.destroy = function () {
    destroyDevice.call(this);
    for (const buffer of buffers.get(this) ?? []) count(buffer, -1);
    buffers.delete(this);
  };
}

/** A change: the adapter says that it is hardware, so that `auto` takes it. */
export function claimHardware() {
  const info = { vendor: 'acme', architecture: 'rocket', device: '', description: '', isFallbackAdapter: false };
  Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => info });
}
