/** Joins the classifier, the inputs and the views. What the page shows is in `app/text/state.js`. */

import './start.js';
import { createActions } from './app/control/actions.js';
import { loadClassifier } from './app/control/first-load.js';
import { Lens } from './app/control/lens.js';
import { Live } from './app/control/live.js';
import { PictureSources } from './app/control/picture-sources.js';
import { startPage } from './app/control/start-page.js';
import { Store } from './app/device/store.js';
import { message } from './app/text/messages.js';
import { readParams } from './app/text/params.js';
import { initialState } from './app/text/state.js';
import * as blocks from './views/blocks.js';
import * as channels from './views/channels.js';
import * as closeupMaps from './views/closeup-maps.js';
import * as compute from './views/compute.js';
import { deferred } from './views/deferred.js';
import { need } from './views/dom.js';
import { mountViews } from './views/mount.js';
import * as notice from './views/notice.js';
import * as predictions from './views/predictions.js';
import * as sourceBar from './views/source-bar.js';
import * as stage from './views/stage.js';
import * as status from './views/status.js';

/** Views of an answer are fetched with the first one. @param {import('./app/types.js').State} state */
const answered = ({ answer }) => answer !== null;

const VIEWS = [
  status, stage, sourceBar, predictions, compute, blocks, closeupMaps, channels, notice,
  deferred('closeup', () => import('./views/closeup.js'), { state: answered }),
  deferred('experiment', () => import('./views/experiment.js'), { state: answered }),
  deferred('ledger', () => import('./views/ledger.js'), { seen: true }),
  deferred('pointed-map', () => import('./views/pointed-map.js'), { state: ({ pointed }) => pointed !== null }),
  deferred('evidence', () => import('./views/evidence.js'), { state: ({ evidence }) => evidence !== null }),
  deferred('gradient', () => import('./views/gradient.js'), { seen: true }),
  deferred('sweep', () => import('./views/sweep.js'), { seen: true }),
  deferred('seal-line', () => import('./views/seal-line.js'), { state: ({ service }) => service?.sealed === true }),
  deferred('privacy', () => import('./views/privacy.js'), { opened: true }),
  deferred('take-away', () => import('./views/take-away.js'), { opened: true }),
];

/** How long a loaded classifier waits for the first sample. */
const SAMPLE_MS = 3000;

const page = document.documentElement;
const store = new Store({ ...initialState(navigator.onLine), linked: location.search }, ({ phase, backend }) => {
  page.dataset.state = phase;
  if (backend) page.dataset.backend = backend.kind;
});
const video = need(document, 'video', HTMLVideoElement);

/** Settles when the first sample is shown or has failed. @type {Promise<void>|null} */
let firstSample = null;
const lens = new Lens(store, async (wanted) => {
  const classifier = await loadClassifier(wanted);
  // The first answer is about the sample, unless that takes too long.
  await Promise.race([firstSample, new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))]);
  firstSample = null;
  return classifier;
});
const live = new Live(video, lens, store);
const sources = new PictureSources(store, lens, live);
const actions = createActions(store, lens, live, sources);

async function begin() {
  firstSample = sources.loadSamples();
  try {
    const options = readParams(location.search, location.href);
    if (!(await lens.loadClassifier(options)) && location.search) offerPlainPage();
  } catch (error) {
    lens.showError(message(error));
    offerPlainPage();
  }
}

/** Offers the page without the URL's parameters beside an error that they may have caused. */
function offerPlainPage() {
  const { notice: told } = store.state;
  if (!told || told.action) return;
  const run = () => location.assign(location.pathname);
  store.set({ notice: { ...told, action: { label: 'Open without parameters', run } } });
}

mountViews(VIEWS, store, { actions, video });
store.reached(answered).then(() => import('./app/control/channel-scan.js'))
  .then(({ ChannelScan }) => new ChannelScan(store, lens), (error) => actions.say(message(error)));
const keys = need(document, '#keys', HTMLDialogElement);
need(document, '#show-keys', HTMLButtonElement).addEventListener('click', () => keys.showModal());
need(keys, '#keys-close', HTMLButtonElement).addEventListener('click', () => keys.close());
need(document, '#unstarted', HTMLElement).remove();
startPage({ store, lens, live, actions }, begin, { '?': () => keys.showModal() });
