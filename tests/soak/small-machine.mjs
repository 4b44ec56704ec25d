// The page in a browser that has little memory. `cargo xtask soak memory` calls it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium as program } from 'playwright-core';
import { ALLOWED_CAMERA } from '../browser/support/browser.mjs';
import { QUIET } from '../browser/support/flags.mjs';
import { openPage, reach } from '../browser/support/page.mjs';
import { randomModel } from '../browser/support/random-model.mjs';
import { startSite } from '../browser/support/site.mjs';
import { Limit } from './limit.mjs';
import { heldByKind } from './processes.mjs';
import { SCENARIOS } from './scenarios.mjs';

/** @import { Page } from 'playwright-core' */

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({ options: { chromium: text, megabytes: text, answers: text } });
const { chromium, megabytes, answers } = /** @type {Record<string, string | undefined>} */ (values);
if (!chromium || !megabytes || !answers) throw new Error('this is for `cargo xtask soak memory`');

const site = await startSite();
const folder = await mkdtemp(join(tmpdir(), 'reslens-'));
const model = join(folder, 'resnet50.safetensors');
await writeFile(model, randomModel('resnet50', { inputSize: 224, classes: 10 }));

/** What a visitor does, one after another on one page. @type {[string, (page: Page) => Promise<unknown>][]} */
const STEPS = [
  ['the page is ready', (page) => reach(page, 'ready')],
  ['every view is open', (page) => page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }))],
  ['the camera is live', async (page) => {
    await page.click('#camera');
    await reach(page, 'live');
  }],
  [`${answers} answers`, (page) => SCENARIOS.live.repeat(page, Number(answers))],
  ['the camera is off', async (page) => {
    await page.click('#camera');
    await reach(page, 'ready');
  }],
  ['a ResNet-50 of 47 MB is opened', async (page) => {
    await page.setInputFiles('#file', model);
    await page.waitForSelector('#blocks h2:has-text("16 residual blocks, 50 weighted layers")');
    await page.waitForSelector('#predictions li[data-label^="class "]');
  }],
  ['the camera is live on it', async (page) => {
    await page.click('#camera');
    await reach(page, 'live');
  }],
  ['10 answers', (page) => SCENARIOS.live.repeat(page, 10)],
];

const limit = new Limit(Number(megabytes) * 1e6);
const browser = await program.launch({ executablePath: limit.wrap(chromium), args: [...QUIET, ...ALLOWED_CAMERA] });
try {
  console.log(`Chromium ${browser.version()}, ${megabytes} MB for all its processes`);
  const watched = await openPage(browser, site.url);
  const crashed = new Promise((_, reject) => watched.page.once('crash', () => reject(new Error("the page's process was killed"))));
  for (const [what, act] of STEPS) {
    await Promise.race([act(watched.page), crashed]);
    const notice = await watched.page.$eval('#notice', (element) => (/** @type {HTMLElement} */ (element).hidden ? '' : element.textContent));
    console.log(`${what}: ${shown(heldByKind())}${notice ? `; the page says: ${notice.trim()}` : ''}`);
  }
  await watched.close();
} finally {
  console.log(`peak ${megabytesOf(limit.peak)} MB with files in the system's cache; killed at the limit: ${limit.kills}`);
  await browser.close();
  await site.stop();
  await rm(folder, { recursive: true });
  limit.remove();
}

/** @param {number} bytes */
function megabytesOf(bytes) {
  return Math.round(bytes / 1e6);
}

/** @param {Record<string, number>} held */
function shown(held) {
  const sum = Object.values(held).reduce((all, bytes) => all + bytes, 0);
  const each = Object.entries(held).map(([kind, bytes]) => `${kind} ${megabytesOf(bytes)}`);
  return `${megabytesOf(sum)} MB (${each.join(', ')})`;
}
