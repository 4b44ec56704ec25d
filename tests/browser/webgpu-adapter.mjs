// What Chromium's WebGPU computes on an adapter, and how fast, beside the CPU engine:
//
//     node tests/browser/webgpu-adapter.mjs [FLAG...]
//
// The flags replace those for SwiftShader, such as --use-webgpu-adapter=default. Which driver the Vulkan loader takes
// is up to its environment, such as VK_DRIVER_FILES. Not part of the test command.

import { launch, WEBGPU } from './support/browser.mjs';
import { loadBoth } from './support/gpu.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const SHAPES = [[1, 3, 64, 32], [1, 3, 128, 128], [1, 3, 224, 224]];
const FRAMES = 50;

const flags = process.argv.slice(2);
const [browser, site] = await Promise.all([launch(flags.length > 0 ? flags : WEBGPU), startSite()]);
try {
  const { page } = await openLibrary(browser, site.url);
  const started = performance.now();
  await loadBoth(page);
  const load = (performance.now() - started) / 1000;
  /** What answers: a GPU that is lost is replaced by the CPU, whose numbers would be these. */
  const backend = () => page.evaluate(() => {
    const { kind, adapter, reason } = classifiers.gpu.backend;
    return kind === 'webgpu' ? `on ${adapter}` : `on the CPU: ${reason}`;
  });
  console.log(`Chromium ${browser.version()}, ${await backend()}: both engines in ${load.toFixed(1)} s`);

  for (const shape of SHAPES) {
    const found = await page.evaluate(async (shape) => {
      const length = shape.reduce((product, size) => product * size);
      const input = Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * i));
      return differences('logits', input, { shape, taps: 'all' });
    }, shape);
    const off = Math.max(...found.map((/** @type {{off: number}} */ each) => each.off));
    console.log(`${await backend()}, ${shape.join('×')}: logits and ${found.length - 1} maps off by at most ${off.toExponential(1)} of the largest`);
  }

  for (const taps of /** @type {const} */ (['all', undefined])) {
    const { times, before, after } = await page.evaluate(async ({ taps, count }) => {
      const { gpu } = classifiers;
      const frame = async () => (await gpu.classify(picture(128, 128), taps ? { taps } : {})).timings;
      for (let i = 0; i < 3; i++) await frame();
      const before = gpu.backend.memory;
      const times = [];
      for (let i = 0; i < count; i++) times.push(await frame());
      return { times, before, after: gpu.backend.memory };
    }, { taps, count: FRAMES });
    const median = (/** @type {'total' | 'inference' | 'readback'} */ key) =>
      times.map((each) => each[key]).sort((a, b) => a - b)[FRAMES >> 1].toFixed(1);
    const grown = JSON.stringify(before) === JSON.stringify(after) ? 'nothing grew' : `${JSON.stringify(before)} became ${JSON.stringify(after)}`;
    console.log(
      `${await backend()}, ${taps ? 'with all maps' : 'without maps'}, ms a frame: ${median('total')}, of it inference ${median('inference')}, ` +
        `readback ${median('readback')}; ${FRAMES} frames, ${grown}`,
    );
  }
} finally {
  await Promise.all([browser.close(), site.stop()]);
}
