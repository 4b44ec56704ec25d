// One thread of the pool: a worker that runs one of rayon's threads for as long as it lives.

import { messageOf, record } from './errors.js';
import { crash, listenForPanics } from './panic.js';
import { WAITING } from './pool.js';

/** @import { ThreadStart } from './pool.js' */

listenForPanics();

self.onmessage = async (/** @type {MessageEvent<ThreadStart>} */ { data }) => {
  const { glue, module, memory, line } = data;
  /** @type {() => void} */
  let runThread;
  try {
    const engine = await import(glue);
    await engine.default({ module_or_path: module, memory });
    runThread = engine.runThread;
  } catch (error) {
    self.postMessage(messageOf(error));
    return;
  }
  self.postMessage(WAITING);
  try {
    runThread();
  } catch (error) {
    // The engine waits for this thread and cannot hear: the classifier must be told.
    line.postMessage(record(crash(error)));
  }
};
