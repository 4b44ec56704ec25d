/**
 * What a visitor can do, as the views call it.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('./picture-sources.js').PictureSources} PictureSources
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Actions} Actions
 */

import { withoutIdentitySkips, withPath } from '../text/cuts.js';
import { percent } from '../text/format.js';
import { message } from '../text/messages.js';
import { isMirrored } from '../text/state.js';

/**
 * @param {Store} store
 * @param {Lens} lens
 * @param {Live} live
 * @param {PictureSources} sources
 * @returns {Actions}
 */
export function createActions(store, lens, live, sources) {
  /** Its script comes with the first sweep. @type {Promise<import('./sweeps.js').Sweeps>|null} */
  let sweeps = null;
  /** The same of the first gradient. @type {Promise<unknown>|null} */
  let gradients = null;

  /** Asks the network without these paths. @param {import('../types.js').Cut[]} ablate */
  function cut(ablate) {
    store.set({ ablate });
    lens.resetAverage();
    lens.refresh();
  }

  return {
    openFiles: (files) => void sources.openFiles(files),
    openSample: (sample) => void sources.openSample(sample),
    startCamera: (deviceId) => sources.startCamera(deviceId),
    stopCamera: () => live.stop(),
    pauseCamera: () => live.pause(),
    resumeCamera: () => sources.resumeCamera(),
    async saveFrame() {
      const { answer, settings } = store.state;
      if (answer?.subject.kind !== 'camera') return;
      const { subject, predictions } = answer;
      const lines = predictions.slice(0, 3).map(({ label, probability }) => `${label}  ${percent(probability)}`);
      try {
        // A copy at once: the frame is closed when the next one is answered.
        const [still, { saveFrame }] = await Promise.all([createImageBitmap(subject.still), import('../device/snapshot.js')]);
        await saveFrame(still, isMirrored(subject, settings), lines, `reslens ${predictions[0].label}`);
        still.close();
      } catch (error) {
        store.set({ notice: { text: `The picture could not be saved: ${message(error)}.` } });
      }
    },
    runOn: (backend) => void lens.loadClassifier({ backend }),
    configure(changes) {
      store.set({ settings: { ...store.state.settings, ...changes } });
      if (changes.reduce) lens.refresh();
    },
    openBlock(block) {
      if (block === store.state.block) return;
      const { closeReduce } = store.state;
      // A channel's number means nothing in another block, which may not even have it.
      const another = typeof closeReduce === 'object' ? { closeReduce: { channel: 0 }, channelChosen: false } : {};
      store.set({ block, ...another });
      lens.refresh();
    },
    inspect(change) {
      store.set(change);
      lens.refresh();
    },
    setCloseupVisible(closeVisible) {
      store.set({ closeVisible });
      if (closeVisible && !store.state.answer?.close) lens.refresh();
    },
    setChannelPage: (change) => store.set({ channels: { ...store.state.channels, ...change } }),
    setCut: (block, path, out) => cut(withPath(store.state.ablate, block, path, out)),
    cutIdentitySkips: () => cut(withoutIdentitySkips(store.state.ablate, store.state.model?.blocks ?? [])),
    restorePaths: () => cut([]),
    showEvidence(evidence) {
      const { evidence: former, answer } = store.state;
      store.set({ evidence });
      // Another path of the same class is there already.
      if (evidence && (evidence.index !== former?.index || !answer?.cam)) lens.refresh();
    },
    showGradient(change) {
      const gradient = { ...store.state.gradient, ...change };
      store.set({ gradient: gradient.on ? gradient : { ...gradient, found: null } });
      if (!gradient.on || gradients) return;
      gradients = import('./gradients.js').then(({ GradientRuns }) => new GradientRuns(store, lens));
      gradients.catch((error) => {
        gradients = null;
        store.set({ notice: { text: `The gradient could not be started (${message(error)}).` } });
      });
    },
    async runSweep() {
      try {
        sweeps ??= import('./sweeps.js').then(({ Sweeps }) => new Sweeps(store, lens));
        await (await sweeps).run();
      } catch (error) {
        sweeps = null;
        store.set({ notice: { text: `The sweep could not be started (${message(error)}).` } });
      }
    },
    cancelSweep: () => void sweeps?.then((started) => started.cancel()),
    say: (text) => store.set({ notice: { text } }),
    setPointedMap: (pointed) => store.set({ pointed }),
    dismiss() {
      const { phase, answer } = store.state;
      store.set({ notice: null, phase: phase === 'error' && answer ? 'ready' : phase });
    },
  };
}
