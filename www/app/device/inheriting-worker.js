/**
 * The library's worker, under this page's own policy. A worker that is fetched takes its policy from its response,
 * which may have none: before the first visit has stored the page, the host answers. One that is started from a blob
 * inherits the page's.
 * @returns {Worker}
 */
export function inheritingWorker() {
  const script = `import ${JSON.stringify(new URL('worker.js', document.baseURI).href)};`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module', name: 'reslens' });
}
