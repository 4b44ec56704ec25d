// How long gradients take, and how much memory their engine uses:
//
//     node tests/browser/gradient-times.mjs [SECONDS]
//
// The bundled ResNet-18, and a ResNet-50 with random weights, at 128 and 224 pixels on one thread. Not a test,
// since it measures time. `RESLENS_XTASK` and `CHROMIUM` as in tests/browser/support.

import { launch } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { randomModel } from './support/random-model.mjs';
import { startSite } from './support/site.mjs';
import { changeWorkers, openExports } from './support/workers.mjs';

const [seconds = '4'] = process.argv.slice(2);
const [browser, site] = await Promise.all([launch(), startSite()]);
const library = await openLibrary(browser, site.url);
try {
  const { page } = library;
  await changeWorkers(page, openExports, () => {
    globalThis.changeExports = (exports) => {
      if (exports.autograd_gradients) globalThis.wasmBytes = () => exports.memory.buffer.byteLength;
    };
  });
  const resnet50 = randomModel('resnet50', { inputSize: 224, classes: 1000 });
  await page.route('**/resnet50.safetensors', (route) => route.fulfill({ body: resnet50 }));
  for (const model of ['models/webcam50.safetensors', 'resnet50.safetensors']) {
    for (const side of [128, 224]) {
      const found = await page.evaluate(async ({ model, side, ms }) => {
        globalThis.classifier = await Classifier.load({ threads: 1, backend: 'cpu', model: new URL(model, document.baseURI).href });
        const input = new Float32Array(3 * side * side).map((_, i) => Math.sin(i));
        const ask = () => globalThis.classifier.gradients(input, { shape: [1, 3, side, side] });
        const before = performance.now();
        await ask();
        const first = Math.round(performance.now() - before);
        const totals = [];
        const parts = { forward: Infinity, backward: Infinity };
        for (const start = performance.now(); performance.now() - start < ms; ) {
          const { timings } = await ask();
          totals.push(timings.total);
          parts.forward = Math.min(parts.forward, timings.forward);
          parts.backward = Math.min(parts.backward, timings.backward);
        }
        totals.sort((a, b) => a - b);
        return { first, best: totals[0], median: totals[totals.length >> 1], calls: totals.length, ...parts };
      }, { model, side, ms: 1000 * Number(seconds) });
      const bytes = await page.workers().at(-1)?.evaluate(() => globalThis.wasmBytes());
      const words = Object.entries(found).map(([key, value]) => `${key} ${value.toFixed(0)}`);
      console.log(`${model}, ${side}×${side}, ms: ${words.join(', ')}; memory ${(Number(bytes) / 1e6).toFixed(0)} MB`);
      await page.evaluate(() => globalThis.classifier.dispose());
    }
  }
} finally {
  await library.close();
  await Promise.all([browser.close(), site.stop()]);
}
