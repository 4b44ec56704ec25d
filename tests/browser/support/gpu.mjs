// The library with changes to its worker's WebGPU, which count its use or break it.

import { openLibrary } from './library.mjs';
import { changeWorkers } from './workers.mjs';

export { engineOf } from './workers.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/**
 * Opens the library; `changes` run in each of its workers before the worker's own code.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {...(() => void)} changes
 */
export async function openChanged(browser, url, ...changes) {
  const library = await openLibrary(browser, url);
  await changeWorkers(library.page, ...changes);
  return library;
}

/**
 * A change: counts in `globalThis.gpu` of the worker the calls to WebGPU and the objects created. Posts to a
 * BroadcastChannel named `gpu` whenever the GPU's memory changes.
 */
export function countGpu() {
  const counts = { dispatches: 0, buffers: 0, bytes: 0, made: 0, submissions: 0 };
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
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (commands) {
    counts.submissions += 1;
    return submit.call(this, commands);
  };
  for (const name of /** @type {const} */ ([
    'createBindGroup', 'createBuffer', 'createComputePipeline', 'createComputePipelineAsync', 'createShaderModule',
  ])) {
    const make = /** @type {Function} */ (GPUDevice.prototype[name]);
    Object.assign(GPUDevice.prototype, {
      [name](/** @type {unknown[]} */ ...options) {
        counts.made += 1;
        return make.apply(this, options);
      },
    });
  }
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
    const own = buffers.get(this) ?? new Set();
    for (const buffer of own) count(buffer, -1);
    own.clear(); // destroying one of them after this frees nothing
  };
}

/** A change: all devices are kept in `globalThis.devices` of the worker. */
export function keepDevices() {
  globalThis.devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options);
    devices.push(device);
    return device;
  };
}

/**
 * A change: `globalThis.results` of the worker can hold back the GPU's results. `asked(n)` resolves when `n` results
 * are awaited since `hold()`; `release()` lets them through and returns the ms since the last of these requests.
 */
export function holdResults() {
  const { mapAsync } = GPUBuffer.prototype;
  let held = Promise.resolve();
  let letGo = () => {};
  let asked = 0;
  let last = 0;
  /** @type {{count: number, resolve: () => void}[]} */
  let waiting = [];
  GPUBuffer.prototype.mapAsync = async function (...range) {
    asked += 1;
    last = performance.now();
    for (const { count, resolve } of waiting) if (count <= asked) resolve();
    await held;
    return mapAsync.apply(this, range);
  };
  globalThis.results = {
    hold() {
      asked = 0;
      waiting = [];
      held = new Promise((resolve) => (letGo = resolve));
    },
    asked: (count) =>
      new Promise((resolve) => (count <= asked ? resolve() : waiting.push({ count, resolve }))),
    release() {
      letGo();
      return performance.now() - last;
    },
  };
}

/**
 * A change: `globalThis.calls` of the worker has the largest number of calls that it had at a time, and of those with
 * all maps, which the page requests for each frame; `reset()` starts the count again.
 */
export function countCalls() {
  /** @type {any[]} */
  const open = [];
  globalThis.calls = {
    most: 0,
    mostWithMaps: 0,
    reset() {
      this.most = this.mostWithMaps = 0;
    },
  };
  addEventListener('message', ({ data }) => {
    if (data.type !== 'call') return;
    open.push(data.call);
    const withMaps = open.filter(({ options }) => options?.taps === 'all');
    calls.most = Math.max(calls.most, open.length);
    calls.mostWithMaps = Math.max(calls.mostWithMaps, withMaps.length);
  });
  const { postMessage } = self;
  self.postMessage = (/** @type {any} */ message, /** @type {any} */ options) => {
    if (message.type === 'settled') open.shift();
    postMessage.call(self, message, options);
  };
}

/** A change: the adapter claims to be hardware, so `auto` uses it. */
export function claimHardware() {
  const info = { vendor: 'acme', architecture: 'rocket', device: '', description: '', isFallbackAdapter: false };
  Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => info });
}

/**
 * Puts `classifiers` on the page, a `gpu` and a `cpu` one of the bundled model, and
 * `differences(method, ...args)`: the distance between the GPU's answer and the CPU's in each array of the answer,
 * relative to the array's largest value.
 * @param {Page} page
 * @param {object} [options] of the `gpu` one
 */
export async function loadBoth(page, options = {}) {
  await page.evaluate(async (options) => {
    const gpu = await Classifier.load({ backend: 'webgpu', threads: 1, ...options });
    const cpu = await Classifier.load({ backend: 'cpu', threads: 1 });
    const arrays = (/** @type {any} */ value, path = '') => {
      if (value instanceof Float32Array) return [[path, value]];
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([key, each]) => arrays(each, `${path}/${each?.block ?? key}`));
    };
    globalThis.classifiers = { gpu, cpu };
    globalThis.differences = async (method, ...args) => {
      const [found, expected] = await Promise.all([gpu[method](...args), cpu[method](...args)]);
      const wanted = new Map(arrays(expected));
      const pairs = arrays(found);
      if (pairs.length !== wanted.size) throw new Error(`${pairs.length} arrays, not ${wanted.size}`);
      return pairs.map(([path, values]) => {
        const want = wanted.get(path);
        const largest = Math.max(...want.map(Math.abs)) || 1;
        const off = values.length === want.length ? Math.max(...values.map((v, i) => Math.abs(v - want[i]))) : Infinity;
        return { path, off: off / largest };
      });
    };
  }, options);
}
