// A page's memory, as the browser and the operating system count it.

import { readFileSync } from 'node:fs';

/** @import { CDPSession, Page } from 'playwright-core' */

/** Bytes in one of the system's memory pages. */
const PAGE_BYTES = 4096;

/**
 * Measures a page's JavaScript heap after a collection, and the resident memory of all processes of the browser, if the
 * system reports it.
 */
export class Meter {
  #page;
  #browser;

  /** @param {CDPSession} page @param {CDPSession} browser */
  constructor(page, browser) {
    this.#page = page;
    this.#browser = browser;
  }

  /** @param {Page} page */
  static async of(page) {
    const browser = page.context().browser();
    if (!browser) throw new Error('expected a browser that was started here');
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.enable');
    return new Meter(session, await browser.newBrowserCDPSession());
  }

  /** @returns {Promise<{heap: number, resident?: number}>} */
  async read() {
    await this.#page.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#page.send('Runtime.getHeapUsage');
    const { processInfo } = await this.#browser.send('SystemInfo.getProcessInfo');
    const pages = processInfo.map(({ id }) => residentPages(id));
    const known = pages.every((count) => count !== null);
    const resident = pages.reduce((/** @type {number} */ sum, count) => sum + (count ?? 0), 0) * PAGE_BYTES;
    return known ? { heap: usedSize, resident } : { heap: usedSize };
  }
}

/** @param {number} id of a process @returns {number | null} */
function residentPages(id) {
  try {
    return Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]);
  } catch {
    return null; // not Linux, or a process that has just ended
  }
}
