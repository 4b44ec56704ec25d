// Changes to the library's workers, from outside: to count what they do with WebGPU, or to break it.

/** @import { Page } from 'playwright-core' */

/**
 * From now on `changes` run in each new worker of the library before the worker's own code.
 * @param {Page} page
 * @param {...(() => void)} changes
 */
export async function changeWorkers(page, ...changes) {
  await page.context().route('**/worker.js', async (route) => {
    const response = await route.fetch();
    const prelude = changes.map((change) => `(${change})();\n`).join('');
    await route.fulfill({ response, body: prelude + (await response.text()) });
  });
}
