// Firefox looks every 100 ms whether a GPU is done, and whenever that GPU is given something to do. So while something
// is waited for it is given an empty list of things to do, often: a tiny readback took 70 to 163 ms, and takes 4 to 41.

/** Between two looks, in ms: as short as browsers' timers are. */
const PAUSE = 4;

/** Whether this browser is one that has to be asked. */
const mustAsk = () => /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * Keeps GPUs from being looked at late, where the browser would do that.
 * @param {readonly GPUDevice[]} devices those in use, which may become others
 * @returns {() => void} ends it
 */
export function keepAwake(devices) {
  if (!mustAsk()) return () => {};
  const timer = setInterval(() => devices.at(-1)?.queue.submit([]), PAUSE);
  return () => clearInterval(timer);
}
