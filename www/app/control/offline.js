/**
 * Makes the service worker store the page, and asks before another version replaces it. Nothing here reloads the
 * page by itself: only after the visitor has asked for the new version, in this tab or in another one.
 *
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').State} State
 */

import { scriptUrl } from '../device/own-scripts.js';
import { ask } from '../device/service-worker.js';
import { message } from '../text/messages.js';
import { isBegun } from '../text/state.js';
import { engineFiles, NEXT_VISIT } from '../text/stored.js';

/**
 * @param {Store} store
 * @param {(state: State) => boolean} [first] whether a first visit has what it waits for
 * @returns {Promise<boolean>} whether the browser stores the page; resolves after the first visit has what it waits for
 */
export async function startOffline(store, first = isBegun) {
  addEventListener('beforeinstallprompt', (installer) => store.set({ installer }));
  // Not in the document: Chromium draws its offer to install the page, on the processor that computes the first answer.
  const visited = store.reached(first);
  void visited.then(linkManifest);
  const container = navigator.serviceWorker;
  if (!container) {
    store.set({ storing: 'Browsers store pages only from https:// or localhost, and not in every private window.' });
    await visited;
    return false;
  }
  /** Whether this page came from a service worker: the first one takes control of a page without a reload. */
  let isServed = container.controller !== null;
  container.addEventListener('message', ({ data: { type, ...service } }) => {
    if (type === 'status') store.set({ service });
  });
  container.addEventListener('controllerchange', async () => {
    if (isServed) {
      if (store.state.phase === 'live') await store.reached(({ phase }) => phase !== 'live');
      location.reload();
    }
    isServed = true;
  });
  try {
    // The visit itself comes first.
    await visited;
    if (isServed) store.set({ service: await ask({ type: 'status' }) });
    const registration = await container.register(scriptUrl('sw.js'), { updateViaCache: 'none' });
    offerUpdates(registration, store);
    await inCharge(registration);
    store.set({ service: await ask({ type: 'status' }), nextVisit: crossOriginIsolated ? '' : NEXT_VISIT });
    store.onDraw(({ backend }) => void storeEngine(backend, store));
    return true;
  } catch (error) {
    store.set({ storing: `This browser does not store the page: ${message(error)}.` });
    return false;
  }
}

function linkManifest() {
  const link = document.createElement('link');
  link.rel = 'manifest';
  link.href = 'manifest.webmanifest';
  document.head.append(link);
}

/**
 * Resolves when a service worker has stored the page.
 * @param {ServiceWorkerRegistration} registration
 * @throws {Error} if the first one gives up; the reason is unknown
 */
async function inCharge(registration) {
  const first = registration.active ? null : registration.installing;
  if (!first) return void (await navigator.serviceWorker.ready);
  await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    const look = () => {
      if (first.state === 'activated') resolve();
      if (first.state === 'redundant') reject(new Error('its files could not be stored; there may be no room, or no connection'));
    };
    first.addEventListener('statechange', look);
    look();
  }));
}

/** The last requested files. */
let asked = '';

/** Stores the files of an engine, once. @param {State['backend']} backend @param {Store} store */
async function storeEngine(backend, store) {
  if (!backend) return;
  const files = engineFiles(backend);
  if (asked === files.join()) return;
  asked = files.join();
  const missing = await ask({ type: 'store', files }).catch((error) => [message(error)]);
  store.set({ storing: missing.length ? `Not everything is stored: ${missing.join('; ')}.` : 'done' });
}

/** @param {ServiceWorkerRegistration} registration @param {Store} store */
function offerUpdates(registration, store) {
  const offer = () => {
    const { waiting, active } = registration;
    // A new version waits until no page uses the present one, or until the visitor asks for it.
    if (!waiting || !active) return;
    const run = () => waiting.postMessage({ type: 'update' });
    const text = 'A new version of this page is ready. Reloading updates all tabs; one with a running camera waits.';
    store.set({ notice: { kind: 'news', text, action: { label: 'Reload', run } } });
  };
  offer();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer));
}
