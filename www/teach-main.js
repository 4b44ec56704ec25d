/** The page where a visitor teaches classes: the instrument's stage, answer and blocks, and cards to record. */

import './start.js';
import { createActions } from './app/control/actions.js';
import { loadClassifier } from './app/control/first-load.js';
import { Lens } from './app/control/lens.js';
import { Live } from './app/control/live.js';
import { PictureSources } from './app/control/picture-sources.js';
import { startPage } from './app/control/start-page.js';
import { Teaching } from './app/control/teaching.js';
import { Store } from './app/device/store.js';
import { message } from './app/text/messages.js';
import { readParams } from './app/text/params.js';
import { initialState } from './app/text/state.js';
import * as blocks from './views/blocks.js';
import * as classCards from './views/class-cards.js';
import * as compute from './views/compute.js';
import { need } from './views/dom.js';
import * as howSure from './views/how-sure.js';
import { mountViews } from './views/mount.js';
import * as notice from './views/notice.js';
import * as ownAnswers from './views/own-answers.js';
import * as pointedMap from './views/pointed-map.js';
import * as predictions from './views/predictions.js';
import * as sourceBar from './views/source-bar.js';
import * as stage from './views/stage.js';
import * as status from './views/status.js';

const page = document.documentElement;
const store = new Store(initialState(navigator.onLine), ({ phase, backend, teaching }) => {
  page.dataset.state = phase;
  page.dataset.learnt = String(teaching?.learnt?.length ?? 0);
  if (backend) page.dataset.backend = backend.kind;
});
const video = need(document, 'video', HTMLVideoElement);

const teaching = new Teaching(store, video);
const lens = new Lens(
  store,
  async (wanted) => {
    const classifier = await loadClassifier(wanted);
    await teaching.adopt(classifier);
    return classifier;
  },
  (classifier, frame, question) => teaching.inspect(classifier, frame, question),
);
teaching.connect(lens);
const live = new Live(video, lens, store);
const sources = new PictureSources(store, lens, live, (file) => void teaching.openProject(file));
const actions = createActions(store, lens, live, sources);

async function begin() {
  sources.loadSamples();
  try {
    await lens.loadClassifier(readParams(location.search, location.href));
  } catch (error) {
    lens.showError(message(error));
  }
}

mountViews(
  [status, stage, sourceBar, predictions, ownAnswers, compute, classCards, howSure, blocks, pointedMap, notice],
  store,
  { actions, video, teaching },
);
need(document, '#unstarted', HTMLElement).remove();
startPage({ store, lens, live, actions }, begin);
