/**
 * The visitor's actions, called by the views.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('./picture-sources.js').PictureSources} PictureSources
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Actions} Actions
 */

import { withoutIdentitySkips, withPath } from '../text/cuts.js';
import { message } from '../text/messages.js';
import { say } from './say.js';

/**
 * @param {Store} store
 * @param {Lens} lens
 * @param {Live} live
 * @param {PictureSources} sources
 * @returns {Actions}
 */
export function createActions(store, lens, live, sources) {
  const snapshots = part('picture export', () => import('./save-frame.js'));
  const sweeps = part('sweep', async () => new (await import('./sweeps.js')).Sweeps(store, lens));
  const gradients = part('gradient', async () => new (await import('./gradients.js')).GradientRuns(store, lens));

  /**
   * Returns a getter for a part whose script is fetched on first use; it returns null with a notice if that fails.
   * @template Part
   * @param {string} name
   * @param {() => Promise<Part>} load
   */
  function part(name, load) {
    /** @type {Promise<Part>|null} */
    let loaded = null;
    return async () => {
      try {
        return await (loaded ??= load());
      } catch (error) {
        loaded = null;
        store.set({ notice: { text: `The ${name} could not be started (${message(error)}).` } });
        return null;
      }
    };
  }

  /** Classifies without these paths. @param {import('../types.js').Cut[]} ablate */
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
    saveFrame: async () => (await snapshots())?.savePresentFrame(store),
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
      // The other paths of the same class are already known.
      if (evidence && (evidence.index !== former?.index || !answer?.cam)) lens.refresh();
    },
    showGradient: async (change) => (await gradients())?.show(change),
    runSweep: async () => (await sweeps())?.run(),
    cancelSweep: async () => (await sweeps())?.cancel(),
    say: (text) => say(store, text),
    setPointedMap: (pointed) => store.set({ pointed }),
    dismiss() {
      const { phase, answer } = store.state;
      store.set({ notice: null, phase: phase === 'error' && answer ? 'ready' : phase });
    },
  };
}
