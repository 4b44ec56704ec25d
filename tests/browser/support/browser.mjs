// Chromium, and pages of the site that record what must never happen.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { QUIET } from './flags.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/** Flags for WebGPU on a software adapter. Without them, a machine without a GPU has no adapter. */
export const WEBGPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** Flags for a camera that shows the clip of the fixtures. Chromium asks the visitor before it opens it. */
export const CAMERA = [
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${fileURLToPath(new URL('../../fixtures/camera.mjpeg', import.meta.url))}`,
];

/** The same, with permission always granted. */
export const ALLOWED_CAMERA = [...CAMERA, '--use-fake-ui-for-media-stream'];

/**
 * The timeout for a page. Tests check what it does, not how soon: on a busy machine a software adapter compiles the
 * kernels for half a minute.
 */
export const PATIENCE_MS = 120_000;

/**
 * Messages that only result from how a test is set up: Chromium logs one whenever a page requests an adapter and there
 * is none; Playwright logs one because it blocks service workers, which could answer requests that a test watches.
 */
const SETUP = ['No available adapters.', 'Service Worker registration blocked by Playwright'];

/**
 * Starts Chromium; `CHROMIUM` names another program than the system's.
 * @param {string[]} [flags]
 * @returns {Promise<Browser>}
 */
export const launch = (flags = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, ...flags],
  });

/**
 * A page, and what happened on it.
 * @typedef {object} Watched
 * @property {Page} page
 * @property {string[]} complaints warnings and errors of the console, and uncaught exceptions
 * @property {string[]} foreign requests to other origins
 * @property {() => Promise<void>} close closes it after checking that it stayed clean
 */

/**
 * Opens an empty page of its own browser context and watches it.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {import('playwright-core').BrowserContextOptions} [options] such as the window's size
 * @returns {Promise<Watched>}
 */
export async function watch(browser, url, options = {}) {
  const context = await browser.newContext({ serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const foreign = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type()) && !SETUP.includes(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const { origin } = new URL(url);
  context.on('request', (request) => {
    const target = new URL(request.url());
    if (!['data:', 'blob:'].includes(target.protocol) && target.origin !== origin) {
      foreign.push(request.url());
    }
  });
  const close = async () => {
    await context.close();
    assert.deepEqual({ complaints, foreign }, { complaints: [], foreign: [] });
  };
  return { page, complaints, foreign, close };
}

/**
 * Forgets the complaints that a state causes in any browser.
 * @param {Watched} watched
 * @param {RegExp} expected
 */
export function expectOnly({ complaints }, expected) {
  const others = complaints.filter((text) => !expected.test(text));
  complaints.splice(0, complaints.length, ...others);
}

/**
 * Waits until the page has `count` workers, threads included: a terminated one takes a moment to
 * go. The test's own timeout ends the wait.
 * @param {Page} page
 * @param {number} count
 */
export async function waitForWorkers(page, count) {
  while (page.workers().length !== count) {
    const gone = page.workers().map((worker) => worker.waitForEvent('close', { timeout: 0 }));
    await Promise.race([...gone, page.waitForEvent('worker', { timeout: 0 })]);
  }
}
