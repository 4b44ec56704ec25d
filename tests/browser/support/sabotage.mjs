// Breaking the CPU's engine on purpose.

import assert from 'node:assert/strict';

/** @import { BrowserContext, Page } from 'playwright-core' */

/**
 * Ways to break the engine, put at the end of its JavaScript. `sabotage`: the next call reads
 * beyond the memory and traps. `exhaust`: all that the memory can grow by is taken.
 */
const SABOTAGE = `
  self.exhaust = () => wasm.memory.grow(65536 - wasm.memory.buffer.byteLength / 65536);
  const { load } = Engine;
  Engine.load = (bytes) => {
    const engine = load.call(Engine, bytes);
    self.sabotage = () => { engine.__wbg_ptr = 0x3fffffff; };
    return engine;
  };
`;

/** Gives engines that are loaded from now on `sabotage()` and `exhaust()`. @param {BrowserContext} context */
export function makeBreakable(context) {
  return context.route('**/reslens-cpu-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + SABOTAGE });
  });
}

/** The worker with the engine in it. @param {Page} page */
export function engineOf(page) {
  const engine = page.workers().find((worker) => worker.url().endsWith('/worker.js'));
  assert.ok(engine, 'no engine runs');
  return engine;
}
