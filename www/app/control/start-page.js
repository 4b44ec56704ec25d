/**
 * What every page starts in the same way, once it has joined its parts.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Actions} Actions
 */

import { acceptFiles } from '../device/drop-paste.js';
import { listenForKeys } from '../device/shortcuts.js';
import { missingFeatures } from '../device/support.js';
import { message, unsupported } from '../text/messages.js';
import { cameraOpen } from '../text/state.js';

/**
 * Takes files, keys and the connection's comings and goings, and begins where the browser has all that is needed.
 * @param {{store: Store, lens: Lens, live: Live, actions: Actions}} parts
 * @param {() => void} begin shows the first picture and loads the model; called again where a missing connection ended it
 * @param {Record<string, () => void>} [keys] what further keys do
 */
export function startPage({ store, lens, live, actions }, begin, keys = {}) {
  const start = () => {
    const missing = missingFeatures();
    if (missing.length > 0) lens.showError(unsupported(missing));
    else begin();
  };
  const prepareOffline = () => import('./offline.js').then(({ startOffline }) => startOffline(store), (error) => {
    addEventListener('online', prepareOffline, { once: true });
    actions.say(message(error));
  });
  void prepareOffline();
  acceptFiles(document.documentElement, actions.openFiles);
  addEventListener('online', () => {
    store.set({ online: true });
    if (!lens.usable && !store.state.loading) start();
  });
  addEventListener('offline', () => store.set({ online: false }));
  listenForKeys({ ' ': () => (cameraOpen(store.state) ? live.stop() : actions.startCamera()), ...keys });
  start();
}
