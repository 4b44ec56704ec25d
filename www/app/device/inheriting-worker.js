import { startWorker } from './own-scripts.js';

/**
 * How the library's worker is started. A worker that is fetched takes its policy from its response; before a service
 * worker is in charge of the page, that comes from the host and may have none. One that is started from a blob inherits the
 * page's.
 * @returns {Pick<import('../types.js').LoadOptions, 'worker'>}
 */
export function workerOptions() {
  const inherits = !navigator.serviceWorker?.controller;
  return { worker: () => startWorker('worker.js', { name: 'reslens', inherits }) };
}
