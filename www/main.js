/** Joins the classifier, the inputs and the views. What the page shows is in `page/store.js`. */

import { isModelFile, takeFiles, takeKeys } from './page/intake.js';
import { Lens } from './page/lens.js';
import { Live } from './page/live.js';
import { readParams } from './page/params.js';
import { Store, initialState } from './page/store.js';
import { missingFeatures } from './page/support.js';
import { message, unsupported } from './page/words.js';
import { Classifier } from './reslens.js';
import * as blocks from './views/blocks.js';
import * as closeup from './views/closeup.js';
import { need } from './views/dom.js';
import * as predictions from './views/predictions.js';
import * as stage from './views/stage.js';
import * as status from './views/status.js';
import * as tray from './views/tray.js';

/** A further view is a further line. @type {import('./page/types.js').View[]} */
const VIEWS = [status, stage, tray, predictions, blocks, closeup];

const page = document.documentElement;
const store = new Store(initialState(), ({ phase, backend }) => {
  page.dataset.state = phase;
  if (backend) page.dataset.backend = backend.kind;
});
const video = need(document, 'video', HTMLVideoElement);

/** What the URL asks for. @type {import('./page/params.js').Options} */
let options = {};

/**
 * Settles when the first sample is there or cannot be had: the first answer is about it.
 * @type {Promise<void>}
 */
let firstSample;
const lens = new Lens(store, async (wanted) => {
  const [classifier] = await Promise.all([Classifier.load(wanted), firstSample]);
  return classifier;
});
const live = new Live(video, lens, store);

/** @type {import('./page/types.js').Actions} */
const actions = {
  openFile(file) {
    if (isModelFile(file)) {
      live.stop();
      lens.use({ ...options, model: file });
      return;
    }
    const title = file instanceof File ? file.name : 'pasted picture';
    actions.openPicture({ blob: file, title, alt: title });
  },
  openPicture({ blob, title, alt }) {
    live.stop();
    /** @type {import('./page/types.js').Picture} */
    const subject = { kind: 'picture', title, alt, url: URL.createObjectURL(blob), blob };
    lens.look({ source: blob, subject });
  },
  startCamera: (deviceId) => live.start(deviceId),
  stopCamera: () => live.stop(),
  pauseCamera: () => live.pause(),
  resumeCamera: () => live.resume(),
  configure(changes) {
    store.set({ settings: { ...store.state.settings, ...changes } });
    if (changes.reduce) lens.again();
  },
  inspect(change) {
    store.set(change);
    lens.again();
  },
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

/** @param {import('./views/tray.js').Sample} sample */
async function openSample({ file, title, alt }) {
  const url = `samples/${file}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  actions.openPicture({ blob: await response.blob(), title, alt });
}

async function loadSamples() {
  try {
    const response = await fetch('samples/samples.json');
    if (!response.ok) throw new Error(`samples/samples.json: ${response.status} ${response.statusText}`);
    /** @type {import('./views/tray.js').Sample[]} */
    const samples = await response.json();
    tray.listSamples(samples, (sample) => openSample(sample).catch(tellSamples));
    await openSample(samples[0]);
  } catch (error) {
    tellSamples(error);
  }
}

/** @param {unknown} error */
function tellSamples(error) {
  store.set({ notice: { text: `The samples cannot be had (${message(error)}). Open a picture or start the camera.` } });
}

async function begin() {
  const missing = missingFeatures();
  if (missing.length > 0) return lens.fail(unsupported(missing));
  try {
    options = readParams(location.search, location.href);
  } catch (error) {
    lens.fail(message(error));
    return offerPlainPage();
  }
  if (!(await lens.use(options)) && location.search) offerPlainPage();
}

/** Beside an error that the URL's parameters may have caused: the way without them. */
function offerPlainPage() {
  const { notice } = store.state;
  if (!notice) return;
  const run = () => location.assign(location.pathname);
  store.set({ notice: { ...notice, action: { label: 'Open without parameters', run } } });
}

for (const view of VIEWS) {
  view.mount(need(document, `#${view.id}`, HTMLElement), { actions, video });
  store.onDraw((state) => view.update(state));
}
takeFiles(page, actions.openFile);
const keys = need(document, '#keys', HTMLDialogElement);
takeKeys({
  ' ': () => (['live', 'paused'].includes(store.state.phase) ? live.stop() : live.start()),
  '?': () => keys.showModal(),
});
need(document, '#show-keys', HTMLButtonElement).addEventListener('click', () => keys.showModal());
need(keys, '#keys-close', HTMLButtonElement).addEventListener('click', () => keys.close());
need(document, '#unstarted', HTMLElement).remove();
firstSample = loadSamples();
begin();
