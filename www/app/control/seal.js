/** Sealing the page, opening it, and deleting what is stored. */

import { ask } from '../device/service-worker.js';
import { engineFiles } from '../text/stored.js';

/** The bundled model, by the service worker's name. */
const MODEL = 'models/webcam50.safetensors';

/** Caches, databases and settings of this page, which may share its host with others. */
const OURS = /^reslens/;

/**
 * Seals the page, if everything that it needs is stored.
 * @param {import('../types.js').Backend|null} backend the one whose engine is needed
 * @returns {Promise<string[]>} the missing files; without any, the page is sealed and has to be reloaded
 */
export async function seal(backend) {
  const missing = await ask({ type: 'seal', files: [...(backend ? engineFiles(backend) : []), MODEL] });
  // The visitor has chosen to keep it, so the browser is asked not to evict it.
  if (missing.length === 0) await navigator.storage?.persist?.();
  return missing;
}

/** Opens the seal. */
export const unseal = () => ask({ type: 'unseal' });

/** The ledger of the service worker. @returns {Promise<{entries: import('../text/requests.js').Line[]}>} */
export const readLedger = () => ask({ type: 'ledger' });

/**
 * Returns the stored bytes.
 * @returns {Promise<{name: string, bytes: number, count: number}[]>}
 */
export async function measureStored() {
  const names = (await caches.keys()).filter((name) => OURS.test(name));
  const parts = await Promise.all(names.map(async (name) => {
    const cache = await caches.open(name);
    const responses = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
    const bytes = await Promise.all(responses.map(async (response) =>
      Number(response?.headers.get('content-length')) || ((await response?.blob())?.size ?? 0)));
    return { name, bytes: bytes.reduce((sum, size) => sum + size, 0), count: responses.length };
  }));
  const settings = ownSettings().map((key) => 2 * (key.length + (localStorage.getItem(key) ?? '').length));
  return [...parts, { name: 'reslens-settings', bytes: settings.reduce((sum, size) => sum + size, 0), count: settings.length }];
}

/** Returns the keys of this page's stored settings. */
function ownSettings() {
  try {
    return Object.keys(localStorage).filter((key) => OURS.test(key));
  } catch {
    return []; // storage is blocked
  }
}

/** Deletes everything that this page has stored, its service worker included. */
export async function forget() {
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) await ask({ type: 'forget' });
  await registration?.unregister();
  for (const name of await caches.keys()) if (OURS.test(name)) await caches.delete(name);
  for (const key of ownSettings()) localStorage.removeItem(key);
  for (const { name } of (await indexedDB.databases?.()) ?? []) if (name && OURS.test(name)) indexedDB.deleteDatabase(name);
}
