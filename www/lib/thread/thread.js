// One thread of the pool: a worker that runs one of rayon's threads for as long as it lives.

import { messageOf, record } from '../shared/errors.js';
import { WAITING } from './messages.js';
import { crash, listenForPanics } from './panic.js';

/** @import { ThreadStart } from './messages.js' */

listenForPanics();

self.onmessage = async (/** @type {MessageEvent<ThreadStart>} */ { data }) => {
  const { glue, module, memory, crashPort } = data;
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
    crashPort.postMessage(record(crash(error)));
  }
};
