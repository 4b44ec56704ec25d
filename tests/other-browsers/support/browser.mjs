// The browser under test: Firefox over WebDriver BiDi, or WebKitGTK over WebDriver classic.
//
// `RESLENS_BROWSER` is `firefox` or `webkit`, `RESLENS_BROWSER_PROGRAM` the program to start: the
// browser itself or its driver. Playwright, which drives Chromium, needs its own builds of both.

import { launchFirefox } from './bidi.mjs';
import { launchWebKit } from './webdriver.mjs';

/** @import { Tab } from './tab.mjs' */

/**
 * A running browser.
 * @typedef {object} Browser
 * @property {string} version name and version, as it states them
 * @property {Tab} tab its only tab
 * @property {string[] | null} complaints warnings and errors of the console, and uncaught
 *   exceptions; null if the driver does not report them
 * @property {string[]} requests to any site, as far as the driver reports them
 * @property {boolean} fakeCamera whether a click on Start shows a generated camera
 * @property {boolean} decodesStarts whether it decodes a truncated picture as far as possible
 * @property {() => Promise<void>} close ends the browser and removes its files
 */

/** Programs by the names that `cargo xtask test --browser` knows. */
const BROWSERS = {
  firefox: { launch: launchFirefox, program: 'firefox' },
  webkit: { launch: launchWebKit, program: 'WebKitWebDriver' },
};

/** Starts the browser. @returns {Promise<Browser>} */
export function launch() {
  const name = /** @type {keyof typeof BROWSERS} */ (process.env.RESLENS_BROWSER ?? 'firefox');
  const { launch, program } = BROWSERS[name];
  return launch(process.env.RESLENS_BROWSER_PROGRAM ?? program);
}
