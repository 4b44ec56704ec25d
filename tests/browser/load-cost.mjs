// The cost of loading the bundled model in Chromium: memory at the end of loading and after frames, the time from the
// model's bytes to the first answer in fresh tabs, and the preprocessing of a 1080p frame:
//
//     node tests/browser/load-cost.mjs [TABS]
//
// Not a test, since it measures time. `RESLENS_XTASK` and `CHROMIUM` as in tests/browser/support.

import { launch, WEBGPU } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const tabs = Number(process.argv[2] ?? 7);
const [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];
try {
  console.log('| backend, threads | wasm after loading, MB | GPU, MB | wasm after 20 frames | bytes to first answer, ms | of these loading | preprocessing of 1920×1080, ms |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [backend, threads, times] of /** @type {const} */ ([['cpu', 1, tabs], ['cpu', 2, tabs], ['webgpu', 1, 2]])) {
    const found = [];
    for (let tab = 0; tab < times; tab++) {
      const library = await openLibrary(browser, site.url);
      found.push(await library.page.evaluate(measure, { backend, threads }));
      await library.close();
    }
    const cell = (/** @type {(one: Awaited<ReturnType<typeof measure>>) => number} */ of, digits = 1) => median(found.map(of)).toFixed(digits);
    const megabytes = (/** @type {number} */ bytes) => bytes / 1e6;
    console.log(`| ${backend}, ${threads} | ${[
      cell(({ loaded }) => megabytes(loaded.wasm)), cell(({ steady }) => megabytes(steady.gpu)), cell(({ steady }) => megabytes(steady.wasm)),
      cell(({ first }) => first, 0), cell(({ load }) => load, 0), cell(({ preprocess }) => preprocess),
    ].join(' | ')} |`);
  }
} finally {
  await Promise.all([browser.close(), site.stop()]);
}

/** @param {{backend: 'cpu' | 'webgpu', threads: number}} options */
async function measure(options) {
  const { Classifier, document } = /** @type {any} */ (globalThis);
  const address = new URL('models/webcam50.safetensors', document.baseURI).href;
  const model = await (await fetch(address)).arrayBuffer();
  const context = new OffscreenCanvas(1920, 1080).getContext('2d');
  if (!context) throw new Error('no canvas');
  for (let i = 0; i < 500; i++) {
    context.fillStyle = `hsl(${(i * 31) % 360} 60% ${20 + ((i * 7) % 60)}%)`;
    context.fillRect((i * 97) % 1920, (i * 57) % 1080, 20 + (i % 300), 20 + ((i * 5) % 200));
  }
  const frame = context.getImageData(0, 0, 1920, 1080);
  const start = performance.now();
  const classifier = await Classifier.load({ model, ...options });
  const load = performance.now() - start;
  const loaded = classifier.backend.memory;
  await classifier.classify(frame);
  const first = performance.now() - start;
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < 20; i++) times.push((await classifier.classify(frame)).timings.preprocess);
  const steady = classifier.backend.memory;
  await classifier.dispose();
  return { load, first, loaded, steady, preprocess: times.sort((a, b) => a - b)[10] };
}
