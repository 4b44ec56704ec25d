// Fault injection: patches WebGPU itself, so everything above reacts exactly as it would to a real fault.

/** @import { Simulation } from '../../reslens.js' */

/** @type {Record<Simulation, () => void | Promise<void>>} */
const FAULTS = {
  'no-adapter': noAdapter,
  'device-lost': deviceLost,
  oom: outOfMemory,
  'wrong-gpu': wrongNumbers,
  'wrong-later': forgottenWeights,
  'min-limits': minimumLimits,
  stall,
};

/**
 * Changes this worker's WebGPU. Call it once, before anything else looks at it.
 * @param {Simulation} fault
 */
export async function inject(fault) {
  if ('GPU' in globalThis) await FAULTS[fault]();
}

/** There is no adapter. */
function noAdapter() {
  GPU.prototype.requestAdapter = async () => null;
}

/** The device is lost while it computes the third call. */
function deviceLost() {
  /** @type {GPUDevice[]} */
  const devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options);
    devices.push(device);
    return device;
  };
  inThirdCall(() => devices.forEach((device) => device.destroy()));
}

/** Calls `act` at the first submission of the third call. @param {(queue: GPUQueue) => void} act */
function inThirdCall(act) {
  let calls = 0;
  let done = false;
  const { onmessage } = self;
  self.onmessage = (/** @type {MessageEvent} */ event) => {
    if (event.data.type === 'call') calls += 1;
    onmessage?.call(self, event);
  };
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, commands);
    if (calls < 3 || done) return;
    done = true;
    act(this);
  };
}

/** Every allocation fails, and error scopes report it. */
function outOfMemory() {
  /** @type {WeakMap<GPUDevice, GPUErrorFilter[]>} */
  const scopes = new WeakMap();
  const { pushErrorScope, popErrorScope } = GPUDevice.prototype;
  GPUDevice.prototype.pushErrorScope = function (filter) {
    scopes.set(this, [...(scopes.get(this) ?? []), filter]);
    pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const filter = scopes.get(this)?.pop();
    const found = await popErrorScope.call(this);
    return filter === 'out-of-memory' ? new GPUOutOfMemoryError('a drill: out of memory') : found;
  };
}

/**
 * One kernel, the first convolution to be compiled, computes numbers that are too large by 1 %. All
 * convolutions end in the function `finish`: `src/ops/webgpu/conv.wgsl`.
 */
function wrongNumbers() {
  let done = false;
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    let { code } = descriptor;
    if (!done && code.includes('fn finish(')) {
      code = code.replace('= finish(', '= 1.01 * finish(');
      if (code === descriptor.code) throw new Error('a drill: found no number to make wrong');
      done = true;
    }
    return createShaderModule.call(this, { ...descriptor, code });
  };
}

/** The weights of the last stage, in the largest buffers that kernels get, become zeros. */
function forgottenWeights() {
  const LARGE = 4e6;
  /** @type {GPUBuffer | undefined} */
  let weights;
  const { createBindGroup } = GPUDevice.prototype;
  GPUDevice.prototype.createBindGroup = function (descriptor) {
    for (const { resource } of descriptor.entries) {
      if ('buffer' in resource && resource.buffer.size >= LARGE) weights = resource.buffer;
    }
    return createBindGroup.call(this, descriptor);
  };
  inThirdCall((queue) => {
    if (weights) queue.writeBuffer(weights, 0, new Uint8Array(weights.size));
  });
}

/** A device with WebGPU's minimum limits, whatever the adapter offers. */
async function minimumLimits() {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) return;
  const device = await adapter.requestDevice();
  const { limits } = device;
  device.destroy();
  Object.defineProperty(GPUAdapter.prototype, 'limits', { get: () => limits });
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (options) {
    return requestDevice.call(this, { ...options, requiredLimits: {} });
  };
}

/** The GPU never reports completion. */
function stall() {
  GPUBuffer.prototype.mapAsync = () => new Promise(() => {});
}
