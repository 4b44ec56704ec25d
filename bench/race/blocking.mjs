// Whether the page stays smooth on a GPU: how long its main thread and the library's worker are blocked at a time, and
// how long the worker takes to submit a frame to the GPU.

import { changeWorkers } from '../../tests/browser/support/workers.mjs';
import { summarize } from './stats.mjs';

/** @import { Browser } from 'playwright-core' */

/**
 * All in milliseconds. A timer that fires every few of them shows the longest blocks; waits for a busy CPU core count
 * as well.
 * @typedef {object} Blocking
 * @property {number} beat the timer's period: shorter blocks cannot be seen
 * @property {{page: number, worker: number}} load the longest blocks until the classifier was loaded
 * @property {{page: number, worker: number}} frames the longest blocks while it classified frames with all maps
 * @property {{first: number, median: number}} latency of the first frame, and the median of those after it
 * @property {number} submission from a frame's arrival in the worker to its submission: the median
 */

/** Frames after the first: enough for the browser to optimise the code in most of them. */
const FRAMES = 20;

/** @typedef {{beat: number, longest: number, submissions: number[]}} Watch */

/** Starts the timer in the page, or in a worker before its own code. */
function watch() {
  /** @type {Watch} */
  const watch = { beat: 4, longest: 0, submissions: [] };
  Object.assign(globalThis, { watch });
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    watch.longest = Math.max(watch.longest, now - last - watch.beat);
    last = now;
  }, watch.beat);
  /** @type {number | null} */
  let arrived = null;
  addEventListener('message', ({ data }) => {
    if (data?.type === 'call') arrived = performance.now();
  });
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, commands);
    if (arrived !== null) watch.submissions.push(performance.now() - arrived);
    arrived = null;
  };
}

/**
 * @param {Browser} browser
 * @param {string} url of the site
 * @returns {Promise<Blocking>}
 */
export async function measureBlocking(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await changeWorkers(page, watch);
    await page.goto(`${url}bench/page.html`);
    await page.evaluate(watch);
    /** Returns the measurements since the last call. */
    const seen = async () => {
      const look = () => {
        const { watch } = /** @type {{watch: Watch}} */ (/** @type {unknown} */ (globalThis));
        const { beat, longest, submissions } = watch;
        Object.assign(watch, { longest: 0, submissions: [] });
        return { beat, longest, submissions };
      };
      const worker = page.workers().find((each) => each.url().endsWith('/worker.js'));
      if (!worker) throw new Error('the library has no worker');
      const [inPage, inWorker] = await Promise.all([page.evaluate(look), worker.evaluate(look)]);
      const { beat, submissions } = inWorker;
      return { beat, longest: { page: inPage.longest, worker: inWorker.longest }, submissions };
    };
    await page.evaluate(async () => {
      const module = '/reslens/reslens.js';
      const { Classifier } = await import(module);
      const classifier = await Classifier.load({
        model: '/model/model.safetensors',
        backend: 'webgpu',
        threads: 1,
      });
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
      const drawing = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      Object.assign(globalThis, {
        async frame(/** @type {number} */ index) {
          drawing.fillStyle = `hsl(${40 * index} 80% 50%)`;
          drawing.fillRect(10 * index, 50, 300, 300);
          const start = performance.now();
          await classifier.classify(canvas, { taps: 'all' });
          return performance.now() - start;
        },
      });
    });
    const load = (await seen()).longest;
    /** @type {number[]} */
    const latencies = [];
    for (let index = 0; index <= FRAMES; index++) {
      latencies.push(await page.evaluate((index) => /** @type {any} */ (globalThis).frame(index), index));
    }
    const { beat, longest, submissions } = await seen();
    return {
      beat,
      load,
      frames: longest,
      latency: { first: latencies[0], median: summarize(latencies.slice(1)).median },
      submission: summarize(submissions).median,
    };
  } finally {
    await context.close();
  }
}

/** @param {Blocking | string} blocking or the reason why there is none */
export function blockingTable(blocking) {
  if (typeof blocking === 'string') return `No times of frames as a page asks for them: ${blocking}`;
  const { beat, load, frames, latency, submission } = blocking;
  const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
  return `## Ours, as a page uses it: frames of 640×480 with all maps

| | the page's longest block | the worker's |
| --- | ---: | ---: |
| while it loads | ${ms(load.page)} | ${ms(load.worker)} |
| while it classifies | ${ms(frames.page)} | ${ms(frames.worker)} |

The first frame after loading took ${ms(latency.first)}, those after it ${ms(latency.median)} (median). From a \
frame's arrival in the worker to its submission to the GPU: ${ms(submission)} (median). Blocks are what a beat of \
every ${beat} ms was late by; where the GPU is software, it takes its cores from the beat.`;
}
