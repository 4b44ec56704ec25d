/**
 * What a visitor can do, as the views call it.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('./picture-sources.js').PictureSources} PictureSources
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Actions} Actions
 */

/**
 * @param {Store} store
 * @param {Lens} lens
 * @param {Live} live
 * @param {PictureSources} sources
 * @returns {Actions}
 */
export function createActions(store, lens, live, sources) {
  return {
    openFile: (file) => sources.openFile(file),
    openSample: (sample) => void sources.openSample(sample),
    startCamera: (deviceId) => sources.startCamera(deviceId),
    stopCamera: () => live.stop(),
    pauseCamera: () => live.pause(),
    resumeCamera: () => sources.resumeCamera(),
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
    setAblated(block, ablated) {
      const others = store.state.ablate.filter((name) => name !== block);
      store.set({ ablate: ablated ? [...others, block] : others });
      lens.resetAverage();
      lens.refresh();
    },
    setPointedMap: (pointed) => store.set({ pointed }),
    dismiss() {
      const { phase, answer } = store.state;
      store.set({ notice: null, phase: phase === 'error' && answer ? 'ready' : phase });
    },
  };
}
