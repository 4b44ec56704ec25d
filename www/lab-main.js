/** The page where small networks are trained, plain and residual: the story in parts, then free play. */

import './app/device/locks.js';
import { LabRuns } from './app/control/lab-runs.js';
import { firstWeight } from './app/control/lab-weight.js';
import { startOffline } from './app/control/offline.js';
import { workerOptions } from './app/device/inheriting-worker.js';
import { Store } from './app/device/store.js';
import { missingFeatures } from './app/device/support.js';
import { progressLine } from './app/text/format.js';
import { readChosen } from './app/text/lab-settings.js';
import { unsupported } from './app/text/messages.js';
import { initialState } from './app/text/state.js';
import { Lab } from './lab.js';
import { need } from './views/dom.js';
import * as architectures from './views/lab-architectures.js';
import * as blocks from './views/lab-blocks.js';
import * as free from './views/lab-free.js';
import * as paper from './views/lab-paper.js';
import * as real from './views/lab-real.js';
import * as skip from './views/lab-skip.js';
import * as status from './views/lab-status.js';
import * as vanish from './views/lab-vanish.js';
import * as weight from './views/lab-weight.js';
import { mountViews } from './views/mount.js';
import * as notice from './views/notice.js';

const page = document.documentElement;
const lab = {
  loaded: '', weight: firstWeight(), pairs: {}, depths: [], real: null, chosen: readChosen(location.search), working: '',
};
const store = new Store({ ...initialState(navigator.onLine), lab }, ({ phase, lab: shown }) => {
  page.dataset.state = phase;
  page.dataset.working = shown?.working ?? '';
});
const say = (/** @type {string} */ text) => store.set({ notice: { text } });

const load = () => Lab.load({
  ...workerOptions(),
  onProgress: (progress) => store.state.lab && store.set({ lab: { ...store.state.lab, loaded: progressLine([progress]) } }),
});
const runs = new LabRuns(store, load, location.search);

need(document, '#unstarted', HTMLElement).remove();
const missing = missingFeatures();
if (missing.length > 0) {
  store.set({ phase: 'error' });
  say(unsupported(missing));
} else {
  mountViews([status, weight, vanish, skip, paper, architectures, blocks, real, free, notice], store, {
    actions: { say, dismiss: () => store.set({ notice: null }) }, lab: runs,
  });
}
addEventListener('online', () => store.set({ online: true }));
addEventListener('offline', () => store.set({ online: false }));
void startOffline(store, ({ phase }) => phase !== 'loading');
