/**
 * The start that all pages share, once they have created their parts.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Actions} Actions
 */

import { acceptFiles } from '../device/drop-paste.js';
import { cacheSamples } from '../device/samples.js';
import { listenForKeys } from '../device/shortcuts.js';
import { missingFeatures } from '../device/support.js';
import { unsupported } from '../text/messages.js';
import { cameraOpen } from '../text/state.js';
import { startOffline } from './offline.js';

/**
 * Handles files, keys and changes of the connection, and begins if the browser has all required features.
 * @param {{store: Store, lens: Lens, live: Live, actions: Actions}} parts
 * @param {() => void} begin shows the first picture and loads the model; called again after a missing connection
 * @param {Record<string, () => void>} [keys] actions of additional keys
 */
export function startPage({ store, lens, live, actions }, begin, keys = {}) {
  const start = () => {
    const missing = missingFeatures();
    if (missing.length > 0) lens.showError(unsupported(missing));
    else begin();
  };
  void startOffline(store).then((stored) => {
    if (!stored) void cacheSamples();
  });
  acceptFiles(document.documentElement, actions.openFiles);
  addEventListener('online', () => {
    store.set({ online: true });
    if (!lens.usable && !store.state.loading) start();
  });
  addEventListener('offline', () => store.set({ online: false }));
  listenForKeys({ ' ': () => (cameraOpen(store.state) ? live.stop() : actions.startCamera()), ...keys });
  start();
}
