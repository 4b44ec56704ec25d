// Chromium, and pages of the site that watch what must never happen.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { QUIET } from './flags.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/** Flags for WebGPU on a software adapter. Without them there is none where there is no GPU. */
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

/** The same, and the visitor always says yes. */
export const ALLOWED_CAMERA = [...CAMERA, '--use-fake-ui-for-media-stream'];

/**
 * How long a page is waited for. What is tested is what it does, not how soon: a software adapter compiles the kernels
 * for half a minute on a busy machine.
 */
const PATIENCE_MS = 120_000;

/**
 * What says no more than how a test is set up: what Chromium says whenever a page asks for an adapter and there is none,
 * and Playwright, which keeps a service worker from answering what a test wants to see asked for.
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
 * Waits until the page has so many workers, threads included: a terminated one takes a moment to
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
