// What takes time in a browser's WebGPU: an answer of the GPU, a kernel's first and second run, a load, a frame.
//
//     node --experimental-websocket tests/other-browsers/gpu-times.mjs
//
// `RESLENS_BROWSER` and `RESLENS_BROWSER_PROGRAM` choose the browser (support/browser.mjs). Not part of the test command.

import { install } from '../browser/support/library.mjs';
import { startSite } from '../browser/support/site.mjs';
import { launch } from './support/browser.mjs';

/** A product of matrices of 128 × 128. */
const PRODUCT = `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = 0u; i < 128u; i++) { sum += a[128 * id.y + i] * b[128 * i + id.x]; }
  c[128 * id.y + id.x] = sum;
}`;

/** On the page: times of its own WebGPU calls, in ms. @param {string} code */
async function measure(code) {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('no adapter');
  const device = await adapter.requestDevice();
  const { queue } = device;
  const { GPUBufferUsage, GPUMapMode } = /** @type {any} */ (globalThis);
  const time = async (/** @type {() => unknown} */ call) => {
    const start = performance.now();
    await call();
    return Math.round(10 * (performance.now() - start)) / 10;
  };

  const tiny = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const answers = async () => {
    const times = [];
    for (let i = 0; i < 20; i++) {
      times.push(await time(async () => {
        queue.submit([]);
        await tiny.mapAsync(GPUMapMode.READ);
      }));
      tiny.unmap();
    }
    return times.sort((a, b) => a - b)[10];
  };
  const answer = await answers();
  const timer = setInterval(() => queue.submit([]), 4);
  const awake = await answers();

  /** @type {GPUComputePipeline | undefined} */
  let pipeline;
  const compile = await time(async () => {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code });
    pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
    await device.popErrorScope();
  });
  const product = /** @type {GPUComputePipeline} */ (pipeline);
  const buffers = [0, 1, 2].map(() => device.createBuffer({ size: 4 * 128 * 128, usage: GPUBufferUsage.STORAGE }));
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindings = device.createBindGroup({ layout: product.getBindGroupLayout(0), entries });
  const run = () => time(async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(product);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(16, 16);
    pass.end();
    queue.submit([encoder.finish()]);
    await queue.onSubmittedWorkDone();
  });
  const runs = [await run(), await run(), await run()];
  clearInterval(timer);
  device.destroy();
  return { answer, awake, compile, runs };
}

/** On the page: when each phase of a load began and the load ended, and the times of frames, in ms. */
async function load() {
  const start = performance.now();
  const since = () => Math.round(performance.now() - start);
  /** @type {Record<string, number>} */
  const began = {};
  const own = await Classifier.load({ backend: 'webgpu', threads: 1, onProgress: ({ phase }) => (began[phase] ??= since()) });
  const loaded = since();
  const frames = [];
  for (let frame = 0; frame < 50; frame++) frames.push((await own.classify(picture(128, 128))).timings.total);
  frames.sort((a, b) => a - b);
  await own.dispose();
  return { began, loaded, fastest: Math.round(frames[0]), median: Math.round(frames[25]) };
}

const [browser, site] = await Promise.all([launch(), startSite('--no-trusted-types')]);
try {
  const { tab } = browser;
  await tab.goto(`${site.url}blank`);
  await tab.evaluate(install);
  const { answer, awake, compile, runs } = await tab.evaluate(measure, PRODUCT);
  console.log(`${browser.version}: an answer takes ${answer} ms, and ${awake} with a submission every 4 ms`);
  console.log(`a product of matrices: ${compile} ms to compile, ${runs[0]} for its first run, then ${runs.slice(1).join(' and ')}`);
  for (let i = 0; i < 2; i++) {
    const { began, loaded, fastest, median } = await tab.evaluate(load);
    const phases = Object.entries(began).map(([phase, at]) => `${phase} from ${at}`).join(', ');
    console.log(`load: ${phases}, ready at ${loaded} ms; a frame of 128×128: ${fastest} at the least, median ${median}`);
  }
} finally {
  await Promise.all([browser.close(), site.stop()]);
}
