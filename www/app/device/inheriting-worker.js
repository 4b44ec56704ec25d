import { startWorker } from './own-scripts.js';

/**
 * Starts the library's worker. A fetched worker takes its policy from its response; before a service
 * worker controls the page, the response comes from the host and may have none. A worker started from a blob inherits the
 * page's.
 */
function start() {
  const inherits = !navigator.serviceWorker?.controller;
  return startWorker('worker.js', { name: 'reslens', inherits });
}

/** A worker that nothing has asked for yet. @type {Worker|null} */
let early = null;

/**
 * Starts the first worker before the library that will use it has loaded: a browser takes about as long to start a
 * worker as to load the page's scripts.
 */
export function startEarly() {
  try {
    early = start();
    // One that cannot be loaded is not handed out, so that the next one reports it to the library.
    early.onerror = () => (early = null);
  } catch {
    // The browser has no workers, or refuses this one: it says so again when the page needs one.
  }
}

/** @returns {Pick<import('../types.js').LoadOptions, 'worker'>} */
export const workerOptions = () => ({ worker: take });

function take() {
  const worker = early ?? start();
  early = null;
  return worker;
}
