/** Joins the classifier, the inputs and the views. What the page shows is in `page/state.js`. */

import { ChannelScan } from './page/channels.js';
import { isModelFile, takeFiles, takeKeys } from './page/intake.js';
import { Lens } from './page/lens.js';
import { Live } from './page/live.js';
import { readParams } from './page/params.js';
import { listSamples, readSample } from './page/samples.js';
import { cameraOpen, initialState } from './page/state.js';
import { Store } from './page/store.js';
import { missingFeatures } from './page/support.js';
import { message, unsupported } from './page/words.js';
import { Classifier } from './reslens.js';
import * as blocks from './views/blocks.js';
import * as channels from './views/channels.js';
import * as closeup from './views/closeup.js';
import * as closeupMaps from './views/closeup-maps.js';
import * as compute from './views/compute.js';
import { need } from './views/dom.js';
import * as inset from './views/inset.js';
import * as notice from './views/notice.js';
import * as predictions from './views/predictions.js';
import * as stage from './views/stage.js';
import * as status from './views/status.js';
import * as tray from './views/tray.js';

/** A further view is a further line. @type {import('./page/types.js').View[]} */
const VIEWS = [status, stage, tray, predictions, compute, blocks, closeup, closeupMaps, channels, inset, notice];

const page = document.documentElement;
const store = new Store(initialState(), ({ phase, backend }) => {
  page.dataset.state = phase;
  if (backend) page.dataset.backend = backend.kind;
});
const video = need(document, 'video', HTMLVideoElement);

/** How long an engine that is loaded waits for the first sample. */
const SAMPLE_MS = 3000;

/** Settles when the first sample is there or cannot be had. @type {Promise<void>|null} */
let firstSample = null;
/** Counts what was asked for, so that a sample that comes late does not take the place of what is newer. */
let turn = 0;
const lens = new Lens(store, async (wanted) => {
  const classifier = await Classifier.load(wanted);
  // The first answer is about the sample, unless that stalls.
  await Promise.race([firstSample, new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))]);
  firstSample = null;
  return classifier;
});
const live = new Live(video, lens, store);

/** @type {import('./page/types.js').Actions} */
const actions = {
  openFile(file) {
    if (isModelFile(file)) {
      lens.use({ model: file });
      return;
    }
    const title = file instanceof File ? file.name : 'pasted picture';
    actions.openPicture({ blob: file, title, credit: '', alt: title });
  },
  openPicture({ blob, ...words }) {
    turn += 1;
    live.stop();
    /** @type {import('./page/types.js').Picture} */
    const subject = { kind: 'picture', ...words, url: URL.createObjectURL(blob), blob };
    lens.look({ source: blob, subject });
  },
  startCamera(deviceId) {
    if (!lens.usable) return; // the key is never disabled
    turn += 1;
    live.start(deviceId);
  },
  stopCamera: () => live.stop(),
  pauseCamera: () => live.pause(),
  resumeCamera() {
    turn += 1;
    live.resume();
  },
  runOn: (backend) => lens.use({ backend }),
  configure(changes) {
    store.set({ settings: { ...store.state.settings, ...changes } });
    if (changes.reduce) lens.again();
  },
  openBlock(block) {
    if (block === store.state.block) return;
    const { closeReduce } = store.state;
    // A channel's number means nothing in another block, which may not even have it.
    const another = typeof closeReduce === 'object' ? { closeReduce: { channel: 0 }, channelChosen: false } : {};
    store.set({ block, ...another });
    lens.again();
  },
  inspect(change) {
    store.set(change);
    lens.again();
  },
  seeCloseup(closeVisible) {
    store.set({ closeVisible });
    if (closeVisible && !store.state.answer?.close) lens.again();
  },
  browse: (change) => store.set({ channels: { ...store.state.channels, ...change } }),
  leaveOut(block, out) {
    const others = store.state.ablate.filter((name) => name !== block);
    store.set({ ablate: out ? [...others, block] : others });
    lens.cut();
    lens.again();
  },
  point: (pointed) => store.set({ pointed }),
  dismiss() {
    const { phase, answer } = store.state;
    store.set({ notice: null, phase: phase === 'error' && answer ? 'ready' : phase });
  },
};

/** @param {import('./page/samples.js').Sample} sample */
async function openSample(sample) {
  const { title, alt, origin, licence } = sample;
  turn += 1;
  const asked = turn;
  const blob = await readSample(sample);
  if (asked === turn) actions.openPicture({ blob, title, credit: `${origin}; ${licence}`, alt });
}

async function loadSamples() {
  const before = turn;
  try {
    const samples = await listSamples();
    tray.listSamples(samples, (sample) => openSample(sample).catch(tellSamples));
    if (turn === before && !store.state.subject) await openSample(samples[0]);
  } catch (error) {
    tellSamples(error);
  }
}

/** @param {unknown} error */
function tellSamples(error) {
  store.set({ notice: { text: `The sample cannot be had (${message(error)}). Open a picture or start the camera.` } });
}

async function begin() {
  const missing = missingFeatures();
  if (missing.length > 0) return lens.fail(unsupported(missing));
  firstSample = loadSamples();
  try {
    const options = readParams(location.search, location.href);
    if (!(await lens.use(options)) && location.search) offerPlainPage();
  } catch (error) {
    lens.fail(message(error));
    offerPlainPage();
  }
}

/** Beside an error that the URL's parameters may have caused: the way without them. */
function offerPlainPage() {
  const { notice: told } = store.state;
  if (!told || told.action) return;
  const run = () => location.assign(location.pathname);
  store.set({ notice: { ...told, action: { label: 'Open without parameters', run } } });
}

/** Goes on where a missing connection ended it. */
function reconnect() {
  store.set({ online: true });
  if (!lens.usable && !store.state.loading) begin();
}

for (const view of VIEWS) {
  view.mount(need(document, `#${view.id}`, HTMLElement), { actions, video });
  store.onDraw((state) => view.update(state));
}
new ChannelScan(store, lens);
takeFiles(page, actions.openFile);
addEventListener('online', reconnect);
addEventListener('offline', () => store.set({ online: false }));
const keys = need(document, '#keys', HTMLDialogElement);
takeKeys({
  ' ': () => (cameraOpen(store.state) ? live.stop() : actions.startCamera()),
  '?': () => keys.showModal(),
});
need(document, '#show-keys', HTMLButtonElement).addEventListener('click', () => keys.showModal());
need(keys, '#keys-close', HTMLButtonElement).addEventListener('click', () => keys.close());
need(document, '#unstarted', HTMLElement).remove();
begin();
