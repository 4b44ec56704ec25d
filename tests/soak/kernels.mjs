// Random kernels and networks in Chromium, on the CPU's engine and on WebGPU. `cargo xtask soak kernels --browser` calls it.

import { parseArgs } from 'node:util';
import { chromium as program } from 'playwright-core';
import { WEBGPU } from '../browser/support/browser.mjs';
import { QUIET } from '../browser/support/flags.mjs';
import { openKernelTests } from '../browser/support/kernels.mjs';

/** Cases of one device: a page has a new one after so many, since a device keeps the kernels that it has compiled. */
const PIECE = { cpu: 500, webgpu: 100 };

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({ options: { chromium: text, cpu: text, webgpu: text, seed: text, minutes: text } });
const { chromium, cpu, webgpu, seed, minutes = 'Infinity' } = /** @type {Record<string, string | undefined>} */ (values);
if (!chromium || !cpu || !webgpu || !seed) throw new Error('this is for `cargo xtask soak kernels --browser`');

const browser = await program.launch({ executablePath: chromium, args: [...QUIET, ...WEBGPU] });
try {
  console.log(`Chromium ${browser.version()}`);
  for (const [engine, cases] of /** @type {const} */ ([['cpu', Number(cpu)], ['webgpu', Number(webgpu)]])) {
    if (cases > 0) await run(engine, cases);
  }
} finally {
  await browser.close();
}

/** Ends at the first difference, which names its seed. @param {'cpu' | 'webgpu'} engine @param {number} cases */
async function run(engine, cases) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const first = Number(seed);
  /** @type {Record<string, number>} */
  const all = {};
  let done = 0;
  while (done < cases && seconds() < 60 * Number(minutes)) {
    const { page, panics } = await openKernelTests(browser, engine);
    page.setDefaultTimeout(0);
    const now = Math.min(PIECE[engine], cases - done);
    const { counts, failure } = await page.evaluate(
      ([from, count]) => globalThis.runRandomKernels(from, count, false),
      /** @type {const} */ ([first + done, now]),
    );
    if (failure) throw new Error([`${engine}, ${failure}`, ...panics].join('\n'));
    await page.close();
    done += now;
    for (const [kind, count] of Object.entries(counts)) all[kind] = (all[kind] ?? 0) + count;
    console.log(`${engine}: ${done} of ${cases} cases, ${(done / seconds()).toFixed(1)} a second`);
  }
  console.log(`${engine}: ${done} cases from seed ${first} in ${seconds().toFixed(0)} s: ${JSON.stringify(all)}`);
}
