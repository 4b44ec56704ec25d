// The cost of teaching in Chromium, on the bundled model and one thread of the CPU: `features: true`, an example, a
// fit, and the files, as tables in Markdown:
//
//     node tests/browser/teach-times.mjs [FRAMES]
//
// Not a test, since it measures time. `RESLENS_XTASK` and `CHROMIUM` as in tests/browser/support.

import { launch } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const frames = Number(process.argv[2] ?? 400);
const [browser, site] = await Promise.all([launch(), startSite()]);
const library = await openLibrary(browser, site.url);
try {
  const { frame, sizes } = await library.page.evaluate(measure, frames);
  console.log('| ms, median | |\n| --- | ---: |');
  for (const [name, value] of Object.entries(frame)) console.log(`| ${name} | ${value.toFixed(3)} |`);
  console.log('\n| classes × examples | learn, ms | examine, ms | saved, bytes | model, bytes |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, learn, examine, saved, model } of sizes) {
    console.log(`| ${name} | ${learn.toFixed(0)} | ${examine.toFixed(0)} | ${saved} | ${model} |`);
  }
} finally {
  await library.close();
  await Promise.all([browser.close(), site.stop()]);
}

/** @param {number} frames of each kind */
async function measure(frames) {
  const { Classifier, document } = /** @type {any} */ (globalThis);
  const { Teacher } = await import(new URL('teach.js', document.baseURI).href);
  const model = new URL('models/webcam50.safetensors', document.baseURI).href;
  const classifier = await Classifier.load({ model, backend: 'cpu', threads: 1 });
  /** The mean of the middle half: more precise than the clock. @param {number[]} values */
  const middle = (values) => {
    const half = values.toSorted((a, b) => a - b).slice(values.length >> 2, -(values.length >> 2));
    return half.reduce((sum, value) => sum + value, 0) / half.length;
  };
  const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  /** Measures the milliseconds of a call. @param {() => unknown} call */
  const time = async (call) => {
    const start = performance.now();
    await call();
    return performance.now() - start;
  };
  const noise = (/** @type {number} */ seed) => {
    const context = new OffscreenCanvas(640, 480).getContext('2d');
    if (!context) throw new Error('no canvas');
    for (let i = 0; i < 300; i++) {
      context.fillStyle = `hsl(${(seed * 67 + i * 31) % 360} ${30 + ((i * seed) % 60)}% ${20 + ((i * 7) % 60)}%)`;
      context.fillRect((i * 97 + seed * 13) % 640, (i * 57) % 480, 20 + ((i * seed) % 140), 20 + ((i * 5) % 90));
    }
    return context.canvas;
  };
  const picture = noise(1);
  const teacher = new Teacher(classifier);
  for (let i = 0; i < 20; i++) await classifier.classify(picture, { features: true });
  /** @type {{plain: number[], features: number[], difference: number[], show: number[]}} */
  const took = { plain: [], features: [], difference: [], show: [] };
  for (let i = 0; i < frames; i++) {
    const asks = [() => classifier.classify(picture), () => classifier.classify(picture, { features: true })];
    // The order alternates and pairs are compared, so a busy moment affects both.
    const pair = [0, 0];
    for (const which of i % 2 ? [1, 0] : [0, 1]) pair[which] = await time(asks[which]);
    took.plain.push(pair[0]);
    took.features.push(pair[1]);
    took.difference.push(pair[1] - pair[0]);
  }
  for (let i = 0; i < 50; i++) took.show.push(await time(() => teacher.show('warm', picture, { thumbnail: true })));
  const sizes = [];
  for (const [classes, shots] of [[2, 10], [5, 10], [5, 40], [10, 80]]) {
    const own = new Teacher(classifier);
    for (let i = 0; i < classes * shots; i++) {
      await own.show(`class ${i % classes}`, noise(i), { take: String(Math.floor(i / classes) % 4) });
    }
    /** @type {number[]} */
    const learn = [];
    /** @type {number[]} */
    const examine = [];
    for (let i = 0; i < 5; i++) {
      learn.push(await time(() => own.learn()));
      examine.push(await time(() => own.examine()));
    }
    const exported = await own.learn().toModel();
    sizes.push({ name: `${classes} × ${shots}`, learn: median(learn), examine: median(examine), saved: own.save().size, model: exported.size });
  }
  await classifier.dispose();
  return {
    frame: {
      'a frame': median(took.plain),
      'with `features: true`': median(took.features),
      'difference of a pair': middle(took.difference),
      'an example (`show`, with a thumbnail)': median(took.show),
    },
    sizes,
  };
}
