// Contestants in Chromium: each in a separate browser context, and so in a separate process.

import { chromium } from 'playwright-core';
import { QUIET } from '../../tests/browser/support/flags.mjs';

/** @import { Browser, Page } from 'playwright-core' */
/** @import { Engine } from './contestants.mjs' */
/** @import { Task } from './web/contestant.js' */
/** @import { Runner } from './rounds.mjs' */

/**
 * A page or a worker, with `globalThis.contestant` of web/contestant.js.
 * @typedef {{evaluate(body: (argument: any) => unknown, argument?: unknown): Promise<any>}} Place
 */

/** Flags that keep background pages at full speed. */
const FULL_SPEED = [
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
];

/** WebGPU, which must be enabled for Chromium on Linux, with timestamps that are not rounded to 0.1 ms. */
const GPU_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-webgpu-developer-features',
  '--enable-features=Vulkan',
];

/** Chromium's own software adapter, for WebGPU and WebGL alike. */
const SOFTWARE_FLAGS = [
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/**
 * @param {string} program
 * @param {{gpu: boolean, hardware: boolean}} wanted
 */
export const launch = (program, { gpu, hardware }) =>
  chromium.launch({
    executablePath: program,
    args: [
      ...QUIET,
      ...FULL_SPEED,
      ...(gpu ? GPU_FLAGS : []),
      ...(gpu && !hardware ? SOFTWARE_FLAGS : []),
    ],
  });

/**
 * Opens a page for a contestant, and starts a worker in it if the contestant runs in one.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {Task} task
 * @param {Engine} engine
 * @returns {Promise<Runner>}
 */
export async function openContestant(browser, url, task, { inPage, keepsPolicy }) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    /** @returns {Promise<Place>} */
    const open = async () => {
      await page.goto(`${url}bench/page.html`);
      return inPage ? page : startWorker(page);
    };
    // The others create workers from blobs, or have inline scripts.
    const place = await (keepsPolicy ? open() : withoutPolicy(page, open));
    if (!(await place.evaluate(() => crossOriginIsolated))) {
      throw new Error('the page is not cross-origin isolated');
    }
    const loaded = await place.evaluate((task) => globalThis.contestant.load(task), task);
    return {
      loaded,
      turn: () => place.evaluate(() => globalThis.contestant.turn()),
      ...(loaded.atOnce > 1 && {
        throughput: () => place.evaluate(() => globalThis.contestant.throughput()),
      }),
      logits: () => place.evaluate(() => globalThis.contestant.logits()),
      close: () => context.close(),
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/**
 * Drops the content security policy of everything that loads until `open` is done.
 * @template T
 * @param {Page} page
 * @param {() => Promise<T>} open
 * @returns {Promise<T>}
 */
async function withoutPolicy(page, open) {
  await page.route('**', async (route) => {
    const response = await route.fetch();
    const { 'content-security-policy': _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  const opened = await open();
  await page.unroute('**');
  return opened;
}

/** @param {Page} page */
async function startWorker(page) {
  const [worker] = await Promise.all([
    page.waitForEvent('worker'),
    page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('contestant.js', { type: 'module' });
          worker.onmessage = () => resolve(undefined);
          worker.onerror = () => reject(new Error('the worker does not start'));
          // Without a reference the worker might be garbage-collected.
          Object.assign(globalThis, { worker });
        }),
    ),
  ]);
  return worker;
}
