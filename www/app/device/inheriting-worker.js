/**
 * How the library's worker is started. A worker that is fetched takes its policy from its response; before a service
 * worker is in charge of the page, that comes from the host and may have none. One that is started from a blob inherits the
 * page's.
 * @returns {Pick<import('../types.js').LoadOptions, 'worker'>}
 */
export function workerOptions() {
  if (navigator.serviceWorker?.controller) return {};
  const script = new Blob([`import "${new URL('worker.js', document.baseURI)}"`], { type: 'text/javascript' });
  return { worker: () => new Worker(URL.createObjectURL(script), { type: 'module', name: 'reslens' }) };
}
