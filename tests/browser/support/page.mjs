// The page itself in Chromium, and the helpers with which tests inspect it.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { watch } from './browser.mjs';

/** @import { Browser, Page } from 'playwright-core' */

/**
 * Opens the page and waits until it is ready or has failed.
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {string} [query] such as `?threads=1`
 */
export async function openPage(browser, url, query = '') {
  const watched = await watch(browser, url);
  await watched.page.goto(url + query);
  await reach(watched.page, 'ready', 'error');
  return watched;
}

/**
 * Opens the page, cuts the connection before the model has arrived, and waits until the page says so. The first sample
 * is lost after that, and so is every other picture that the page requests meanwhile.
 * @param {Browser} browser
 * @param {string} url of the site
 */
export async function openOffline(browser, url) {
  const watched = await watch(browser, url);
  const { page } = watched;
  let opened = false;
  await page.route('**/samples/*.jpg', async (route) => {
    if (opened) return route.fallback();
    await reach(page, 'error');
    // The offline browser may have aborted the request itself.
    if (!route.request().failure()) await route.abort('internetdisconnected');
  });
  await page.route('**/*.safetensors', async (route) => {
    await page.context().setOffline(true);
    await route.abort('internetdisconnected');
  }, { times: 1 });
  const sample = page.waitForEvent('requestfailed', (request) => request.url().endsWith('.jpg'));
  await page.goto(url);
  await Promise.all([sample, reach(page, 'error')]);
  opened = true;
  return watched;
}

/** Waits for one of the states. @param {Page} page @param {...string} states */
export function reach(page, ...states) {
  return page.waitForSelector(states.map((state) => `html[data-state="${state}"]`).join(','));
}

/** Waits until the first prediction is `label`. @param {Page} page @param {string} label */
export function reachTop(page, label) {
  return page.waitForSelector(`#predictions li:first-child[data-label="${label}"]`);
}

/** Waits for the sentence of an error. @param {Page} page */
export async function notice(page) {
  await page.waitForSelector('#notice:not([hidden])');
  return page.innerText('#notice p');
}

/** The predictions on the page. @param {Page} page */
export function predictions(page) {
  return page.$$eval('#predictions li', (items) => items.map((item) => ({
    label: /** @type {HTMLElement} */ (item).dataset.label,
    probability: Number(/** @type {HTMLElement} */ (item).dataset.probability),
  })));
}

/**
 * Every map on the page and its number of colours.
 * @param {Page} page
 * @param {string} [within]
 */
export function maps(page, within = '#blocks') {
  return page.$$eval(`${within} canvas[data-block][data-part]`, (canvases) => canvases.map((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set(new Uint32Array(data.buffer));
    return { block: canvas.dataset.block, part: canvas.dataset.part, width: canvas.width, colours: colours.size };
  }));
}

/** The violations that axe finds, with their elements. @param {Page} page */
export async function violations(page) {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations: found } = await /** @type {any} */ (globalThis).axe.run();
    return found.map((/** @type {any} */ rule) => ({
      rule: rule.id,
      elements: rule.nodes.map((/** @type {any} */ node) => node.html),
    }));
  });
}

/** Widths of a large desktop, a tablet and a small phone, and the colour schemes in which each state is checked. */
const LOOKS = /** @type {const} */ ([[1920, 1080, 'light'], [768, 1000, 'dark'], [360, 740, 'light']]);

/**
 * Checks a state as three visitors see it: no accessibility violation, nothing wider than the window. Saves pictures of
 * the window.
 * @param {Page} page
 * @param {string} name
 */
export async function look(page, name) {
  const before = page.viewportSize() ?? { width: 1280, height: 720 };
  for (const [width, height, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], `${name}, ${width} px, ${colorScheme}`);
    assert.equal(await overflow(page), 0, `${name} is wider than ${width} px`);
    await screenshot(page, `${name}-${width}-${colorScheme}`, false);
  }
  await page.setViewportSize(before);
}

/** Chooses a backend among the details of the answer. @param {Page} page @param {'auto'|'webgpu'|'cpu'} backend */
export async function runOn(page, backend) {
  if (!(await page.isVisible('#run-on'))) await page.click('#compute summary');
  await page.selectOption('#run-on', backend);
}

/** Makes the page behave as if it were hidden, or visible again. @param {Page} page @param {boolean} hidden */
export function hide(page, hidden) {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

/** Resolves with the next answer, whose times differ from the last one's. @param {Page} page */
export function answersCome(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const observer = new MutationObserver(() => resolve(true));
    const times = /** @type {Element} */ (document.querySelector('#compute'));
    observer.observe(times, { childList: true, characterData: true, subtree: true });
  }));
}

/** By how many pixels the page is wider than its window. @param {Page} page */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/**
 * Saves a picture of the page where `RESLENS_SCREENSHOTS` names a folder.
 * @param {Page} page
 * @param {string} name
 * @param {boolean} [fullPage] or only what is in the window
 */
export async function screenshot(page, name, fullPage = true) {
  const folder = process.env.RESLENS_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
