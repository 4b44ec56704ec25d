// Firefox looks for a GPU's results every 100 ms, and whenever work is submitted. So while a result is pending, an empty
// batch is submitted often: a tiny readback took 70 to 163 ms, and takes 4 to 41.

/** The time between two submissions, in ms: the shortest that browsers' timers allow. */
const PAUSE = 4;

/** Returns whether this browser needs it. */
const mustAsk = () => /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * Makes the browser look for GPU results often, if it otherwise would not.
 * @param {readonly GPUDevice[]} devices those in use, which may change
 * @returns {() => void} ends it
 */
export function keepAwake(devices) {
  if (!mustAsk()) return () => {};
  const timer = setInterval(() => devices.at(-1)?.queue.submit([]), PAUSE);
  return () => clearInterval(timer);
}
