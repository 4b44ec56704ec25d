// How long a visitor waits: from the navigation to the first answer, on the first visit and on the next one. Two builds
// take turns in one run, since times of different runs are not comparable.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { QUIET } from '../../tests/browser/support/flags.mjs';
import { summarize } from '../race/stats.mjs';

/** @import { Page } from 'playwright-core' */

/** @typedef {{cold: number, warm: number}} Visits in ms */

/**
 * How long the browser has between the visits to store what the first one fetched and compiled: model, page, and the
 * machine code of scripts and wasm files.
 */
const STORING_MS = 3500;

/** How long the browser has to start before it navigates to the page. */
const STARTING_MS = 1500;

/** The states that end the wait. */
const ENDED = ['ready', 'error'];

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({ options: { chromium: text, before: text, now: text, rounds: text } });
/** @param {keyof typeof values} name */
const need = (name) => {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing: this is for \`cargo xtask bench loading\``);
  return value;
};
const builds = [{ name: 'before', url: need('before') }, { name: 'now', url: need('now') }];
/** @type {Record<string, Visits[]>} */
const times = Object.fromEntries(builds.map(({ name }) => [name, []]));

for (let round = 0; round < Number(need('rounds')); round++) {
  for (const { name, url } of round % 2 ? builds.toReversed() : builds) {
    const visits = await visitTwice(url);
    times[name].push(visits);
    console.error(`round ${round + 1}, ${name}: cold ${visits.cold.toFixed()} ms, warm ${visits.warm.toFixed()} ms`);
  }
}
report();

/**
 * Visits a build twice with a separate profile. The browser is restarted in between, as on another day.
 * @param {string} url
 * @returns {Promise<Visits>}
 */
async function visitTwice(url) {
  const profile = await mkdtemp(path.join(tmpdir(), 'reslens-loading-'));
  try {
    return { cold: await visit(profile, url, STORING_MS), warm: await visit(profile, url, 0) };
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

/**
 * Visits a build in a separate browser.
 * @param {string} profile
 * @param {string} url
 * @param {number} stay how long it stays open after the answer, in ms
 * @returns {Promise<number>} ms from the navigation to the first answer on the page
 */
async function visit(profile, url, stay) {
  const context = await chromium.launchPersistentContext(profile, { executablePath: need('chromium'), args: QUIET });
  try {
    await delay(STARTING_MS);
    const time = await firstAnswer(context.pages()[0] ?? (await context.newPage()), url);
    await delay(stay);
    return time;
  } finally {
    await context.close();
  }
}

/** @param {Page} page @param {string} url */
async function firstAnswer(page, url) {
  await page.addInitScript((ended) => {
    const observer = new MutationObserver(() => {
      if (!ended.includes(document.documentElement.dataset.state ?? '')) return;
      observer.disconnect();
      performance.mark('first-answer');
      console.debug('first answer');
    });
    observer.observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
  }, ENDED);
  // Waiting for an element would put a script of the driver's own into the page, which takes as long as the page's.
  const answered = page.waitForEvent('console', (message) => message.text() === 'first answer');
  await page.goto(url, { waitUntil: 'commit' });
  await answered;
  const { state, backend, time } = await page.evaluate(() => ({
    state: document.documentElement.dataset.state,
    backend: document.querySelector('#backend')?.textContent,
    time: performance.getEntriesByName('first-answer')[0].startTime,
  }));
  if (state !== 'ready') throw new Error(`${url}: ${await page.innerText('#notice')}`);
  if (!backend?.includes('2 threads')) throw new Error(`${url}: expected 2 threads, found ${backend}`);
  return time;
}

/** Prints the medians, and their ratio to those of the other build. */
function report() {
  const of = (/** @type {string} */ name, /** @type {keyof Visits} */ which) => summarize(times[name].map((visits) => visits[which]));
  console.log(`| ms to the first answer, median (least) | ${builds.map(({ name }) => name).join(' | ')} | ratio |`);
  console.log(`| --- |${' ---: |'.repeat(builds.length + 1)}`);
  for (const which of /** @type {const} */ (['cold', 'warm'])) {
    const found = builds.map(({ name }) => of(name, which));
    const ratio = (found[1].median / found[0].median).toFixed(2);
    console.log(`| ${which} | ${found.map(({ median, min }) => `${median.toFixed()} (${min.toFixed()})`).join(' | ')} | ${ratio} |`);
  }
}
