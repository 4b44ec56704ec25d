/** The page's initial state, and functions of a state. */

/**
 * @typedef {import('../types.js').Channels} Channels
 * @typedef {import('../types.js').Settings} Settings
 * @typedef {import('../types.js').State} State
 * @typedef {import('../types.js').Subject} Subject
 */

/** @param {boolean} online whether there is a connection @returns {State} */
export function initialState(online) {
  return {
    phase: 'loading',
    online,
    service: null,
    storing: '',
    nextVisit: '',
    installer: null,
    loading: false,
    wanted: 'auto',
    progress: new Map(),
    notice: null,
    hint: '',
    samples: [],
    model: null,
    backend: null,
    subject: null,
    answer: null,
    pace: null,
    cameras: [],
    settings: { reduce: 'mean-abs', scale: 'block', smooth: false, steady: true, mirror: null },
    ablate: [],
    evidence: null,
    sweep: null,
    gradient: { on: false, seen: false, overlay: false, progress: null, found: null },
    linked: null,
    modelUrl: null,
    block: null,
    closeReduce: { channel: 0 },
    closeVisible: false,
    channelChosen: false,
    channels: noChannels(),
    pointed: null,
    teaching: null,
  };
}

/** Returns whether a visit has its first answer, or will have none. @param {State} state */
export const isBegun = ({ answer, phase }) => answer !== null || phase === 'error';

/** @returns {Channels} */
export function noChannels() {
  return { model: null, subject: null, ablated: [], block: null, seen: new Map(), count: 0, order: 'number', first: 0 };
}

/** Returns whether a camera is open, running or not. @param {State} state */
export function cameraOpen({ phase }) {
  return phase === 'live' || phase === 'paused';
}

/** Returns how many camera frames may be in flight. @param {State} state */
export function framesAtOnce({ backend }) {
  return backend?.concurrency ?? 1;
}

/** Returns whether a subject and its maps are shown mirrored. @param {Subject|null|undefined} subject @param {Settings} settings */
export function isMirrored(subject, { mirror }) {
  return subject?.kind === 'camera' && (mirror ?? subject.mirrored);
}

/** Returns the block in the close-up, and its index. @param {State} state */
export function openedBlock({ model, block }) {
  const index = model?.blocks.findIndex(({ name }) => name === block) ?? -1;
  return { index, shown: model?.blocks[index] ?? null };
}
