// Repeats a visitor's actions many times, and measures the memory meanwhile. `cargo xtask soak` runs it.
//
// Each scenario has its own browser. Its samples are added to the report as soon as it ends, so that a long soak can
// run in pieces; scenarios that do not run now keep their earlier samples.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium as program } from 'playwright-core';
import { QUIET } from '../browser/support/flags.mjs';
import { startSite } from '../browser/support/site.mjs';
import { growth, grown } from './growth.mjs';
import { Meter } from './memory.mjs';
import { plot } from './plot.mjs';
import { SCENARIOS } from './scenarios.mjs';

/** @import { Sample } from './growth.mjs' */

/** How many times memory is measured in a run. */
const SAMPLES = 100;

const text = { type: /** @type {const} */ ('string') };
const texts = { ...text, multiple: /** @type {const} */ (true) };
const { values } = parseArgs({ options: { chromium: text, report: text, plot: text, commit: text, minutes: text, scenario: texts, times: texts } });
const { chromium = '', report: file = '', plot: picture = '', commit = '', minutes = 'Infinity', scenario: names = [], times = [] } =
  /** @type {{chromium?: string, report?: string, plot?: string, commit?: string, minutes?: string, scenario?: string[], times?: string[]}} */ (values);
if (!chromium || !file || !picture || names.length !== times.length) throw new Error('this is for `cargo xtask soak`');

/** @typedef {{what: string, unit: string, date: string, commit: string, browser: string, seconds: number, growth: ReturnType<typeof growth>, samples: Sample[]}} Soaked */

/** @type {Record<string, Soaked>} */
const report = read(file);
const failed = [];
for (const [index, name] of names.entries()) {
  const soaked = await soak(name, Number(times[index]));
  report[name] = soaked;
  const order = Object.keys(SCENARIOS).filter((each) => report[each]);
  writeFileSync(file, written(order));
  writeFileSync(picture, plot(order.map((each) => report[each])));
  const gained = Object.entries(soaked.growth).map(([measure, amount]) => `${measure} ${amount}`);
  console.log(`${name}: after the warm-up, ${gained.join(', ')}`);
  failed.push(...grown(soaked.growth).map((measure) => `${name}: ${measure}`));
}
if (failed.length > 0) {
  console.error(`grew: ${failed.join(', ')}`);
  process.exitCode = 1;
}

/** @param {string} name @param {number} times @returns {Promise<Soaked>} */
async function soak(name, times) {
  const { what, unit, flags, open, repeat } = SCENARIOS[name];
  const site = await startSite();
  const browser = await program.launch({ executablePath: chromium, args: [...QUIET, ...flags] });
  try {
    const started = performance.now();
    const watched = await open(browser, site.url);
    const meter = await Meter.of(watched.page);
    /** @type {Sample[]} */
    const samples = [];
    const piece = Math.max(1, Math.ceil(times / SAMPLES));
    const isOver = () => performance.now() - started > Number(minutes) * 60_000;
    for (let at = 0; at < times && !isOver();) {
      const now = Math.min(piece, times - at);
      const counted = await repeat(watched.page, now);
      at += now;
      samples.push({ at, ...counted, ...(await meter.read()) });
      console.log(`${name}: ${at} of ${times} ${unit}, ${JSON.stringify(samples[samples.length - 1])}`);
    }
    await watched.close();
    const seconds = Math.round((performance.now() - started) / 1000);
    return {
      what, unit, date: new Date().toISOString().slice(0, 10), commit, browser: browser.version(), seconds, growth: growth(samples), samples,
    };
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** The report with a line for each sample. @param {string[]} order */
function written(order) {
  const one = (/** @type {string} */ name) => {
    const { samples, ...rest } = report[name];
    const lines = samples.map((sample) => `  ${JSON.stringify(sample)}`);
    return `${JSON.stringify(name)}: ${JSON.stringify(rest).slice(0, -1)}, "samples": [\n${lines.join(',\n')}\n ]}`;
  };
  return `{\n${order.map((name) => ` ${one(name)}`).join(',\n')}\n}\n`;
}

/** @param {string} file @returns {Record<string, Soaked>} */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw error;
  }
}
