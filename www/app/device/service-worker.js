/** Talking with the page's service worker (`service-worker/sw.js`). */

/** How long it may take to answer, in ms: it may be storing the engines. */
const PATIENCE_MS = 120_000;

/** Returns the service worker that controls this page, or is about to; null if there is none. */
export async function activeServiceWorker() {
  const { serviceWorker } = navigator;
  return serviceWorker?.controller ?? (await serviceWorker?.getRegistration())?.active ?? null;
}

/**
 * Sends a message and waits for its answer.
 * @param {{type: string, files?: string[]}} message
 * @returns {Promise<any>}
 * @throws {Error} if there is no service worker, or no answer
 */
export async function ask(message) {
  const worker = await activeServiceWorker();
  if (!worker) throw new Error('this browser has not stored the page yet');
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the service worker does not answer: reload the page')), PATIENCE_MS);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      port1.close();
      resolve(data);
    };
    worker.postMessage(message, [port2]);
  });
}
