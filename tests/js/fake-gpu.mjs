// The WebGPU engine's JavaScript, with a simulated engine and simulated devices.

import { beforeEach } from 'node:test';
import { Queue } from '../../www/lib/shared/queue.js';
import { Cpu } from '../../www/lib/worker/cpu.js';
import { Engines } from '../../www/lib/worker/engines.js';
import { GpuEngine } from '../../www/lib/worker/gpu.js';

/** The devices that the engine opened. @type {{destroyed: boolean}[]} */
export const devices = [];

beforeEach(() => {
  devices.length = 0;
  Object.assign(globalThis, {
    self: new EventTarget(), // as in a worker
    GPUAdapter: class {
      async requestDevice() {
        const device = { destroyed: false, destroy: () => (device.destroyed = true) };
        devices.push(device);
        return device;
      }
    },
  });
});

/** Starts a WebGPU engine with these methods. */
export async function start(methods) {
  const gpu = new GpuEngine({ name: 'acme', software: false, subgroups: false });
  await load(gpu, methods);
  await gpu.check(new Float32Array(1));
  return gpu;
}

/** Loads an engine with two kernels and calls `report` for each. `methods.open` runs before a device is requested. */
export async function load(gpu, methods, report = () => {}) {
  const engine = { memory: () => 12, kernels: () => 2, compile: async () => {}, check: async () => {}, ...methods };
  const load = async () => {
    await methods.open?.();
    await new GPUAdapter().requestDevice();
    return engine;
  };
  const glue = { default: async () => ({ memory: { buffer: new ArrayBuffer(34) } }), Engine: { load } };
  await gpu.load(/** @type {any} */ ({ file: { createGlue: () => glue }, model: new Blob(), labels: null }), report);
}

/** Starts both engines; the GPU's calls `answer`. */
export async function startBoth(answer, methods = {}) {
  /** @type {any} the backends reported, the CPU's answers and loads, and the error that refuses a load */
  const seen = { backends: [], cpu: 0, loads: [], refuse: null };
  const engine = /** @type {any} */ ({ embed: () => `cpu ${++seen.cpu}`, model: () => ({}) });
  const load = () => {
    seen.loads.push('cpu');
    if (seen.refuse) throw seen.refuse;
    return { check: () => engine };
  };
  const glue = { UncheckedEngine: { load } };
  const memory = { buffer: new ArrayBuffer(56) };
  const runtime = /** @type {any} */ ({ glue, memory, threads: 2, reason: 'two', end() {}, renew: async () => runtime });
  const cpu = new Cpu(runtime, engine, { model: () => new Blob(), labels: null });
  const gpu = await start({ embed: answer, ...methods });
  const engines = new Engines(cpu, gpu, null, () => seen.backends.push(engines.backend));
  const compute = (/** @type {any} */ engine) => engine.embed();
  const queue = new Queue();
  const embed = () =>
    queue.run(async () => {}, (_, before) => engines.run({ gpu: compute, cpu: compute }, before));
  return { engines, cpu, gpu, embed, seen };
}

export const named = (name, message) => Object.assign(new Error(message), { name });

/** An exception that no promise receives: it reaches the worker's global scope. */
export function trap(type = 'error', detail = { error: new WebAssembly.RuntimeError('unreachable executed') }) {
  const event = Object.assign(new Event(type, { cancelable: true }), detail);
  self.dispatchEvent(event);
  return event.defaultPrevented;
}

/** Resolves after everything that follows from what has happened so far. */
export const settled = () => new Promise(setImmediate);

/** Answers that a test gives by hand to `calls`, the calls that the GPU has received. */
export function byHand() {
  /** @type {{resolve(answer?: string): void, reject(error: Error): void}[]} */
  const calls = [];
  const answer = () => new Promise((resolve, reject) => calls.push({ resolve, reject }));
  return { calls, answer };
}

/** Advances the clock and lets everything that follows happen. */
export async function wait(context, seconds) {
  context.mock.timers.tick(1000 * seconds);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}
