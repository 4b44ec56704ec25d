/** What is stored in this browser, in words. */

/**
 * Returns the files of the engine in use, by the service worker's names, and its variant for threads, which the next visit
 * may use.
 * @param {import('../types.js').Backend} backend
 */
export function engineFiles({ kind, simd }) {
  const cpu = `reslens-cpu-${simd}`;
  return [`${cpu}.wasm`, `${cpu}-threads.wasm`, ...(kind === 'webgpu' ? ['reslens-webgpu.wasm'] : [])];
}

/** @param {import('../types.js').ServiceStatus} service */
export const ledgerWords = ({ device, network, refused }) =>
  `${device} ${device === 1 ? 'request' : 'requests'} answered on this device, ${network} by the network, ${refused} refused`;

/** @param {number} bytes */
export const sizeWords = (bytes) =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** @type {Record<string, string>} */
const NAMES = {
  'reslens-files': 'page, engines and samples',
  'reslens-models': 'model',
  'reslens-state': 'seal and ledger',
  'reslens-settings': 'settings',
};

/** The content of a store. @param {string} name */
export const storeName = (name) => NAMES[name] ?? name;

/** Added to the reason for one thread on hosts without isolation, once this browser has stored the page. */
export const NEXT_VISIT = '; this browser has stored the page and sends them itself: more threads from the next visit on';
