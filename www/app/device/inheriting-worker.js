import { startWorker } from './own-scripts.js';

/**
 * The start of the library's worker. A fetched worker takes its policy from its response; before a service
 * worker controls the page, the response comes from the host and may have none. A worker started from a blob inherits the
 * page's.
 * @returns {Pick<import('../types.js').LoadOptions, 'worker'>}
 */
export function workerOptions() {
  const inherits = !navigator.serviceWorker?.controller;
  return { worker: () => startWorker('worker.js', { name: 'reslens', inherits }) };
}
