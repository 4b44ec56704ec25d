/**
 * Where pictures come from: samples, files, the clipboard, the camera.
 *
 * @typedef {import('../page/types.js').Actions} Actions
 * @typedef {import('../page/types.js').State} State
 */

import { sampleUrl } from '../page/samples.js';
import { isMirrored } from '../page/state.js';
import { element, need, setText } from './dom.js';

export const id = 'tray';

const PROMISE = 'Frames stay in this tab. Nothing is uploaded.';
const OFFLINE_PROMISE = 'You are offline, and all of this goes on working: frames never leave this tab.';

/** @typedef {import('../page/samples.js').Sample} Sample */

/** @type {HTMLElement} */
let root;
/** @type {Actions} */
let actions;
/** @type {HTMLButtonElement} */
let start;
/** @type {HTMLButtonElement} */
let hold;
/** @type {HTMLSelectElement} */
let cameras;
/** @type {HTMLInputElement} */
let mirror;
/** @type {HTMLElement} */
let promise;
/** @type {State['cameras']|null} */
let listed = null;
/** @type {State['phase']} */
let phase = 'loading';
/** Whether a stream is open: the same button stops it. */
let open = false;

/** @param {HTMLElement} place @param {import('../page/types.js').ViewContext} context */
export function mount(place, context) {
  root = place;
  actions = context.actions;
  start = need(root, '#camera', HTMLButtonElement);
  hold = need(root, '#hold', HTMLButtonElement);
  cameras = need(root, '#cameras', HTMLSelectElement);
  mirror = need(root, '#mirror', HTMLInputElement);
  promise = need(root, '.promise', HTMLElement);
  mirror.addEventListener('change', () => actions.configure({ mirror: mirror.checked }));
  start.addEventListener('click', () => (open ? actions.stopCamera() : actions.startCamera()));
  hold.addEventListener('click', () => (phase === 'live' ? actions.pauseCamera() : actions.resumeCamera()));
  cameras.addEventListener('change', () => actions.startCamera(cameras.value));
  const file = need(root, '#file', HTMLInputElement);
  need(root, '#open', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) actions.openFile(chosen);
    file.value = '';
  });
}

/**
 * Thumbnails in the order of `samples.json`.
 * @param {Sample[]} samples
 * @param {(sample: Sample) => void} show
 */
export function listSamples(samples, show) {
  const buttons = samples.map((sample) => {
    const image = element('img', { src: sampleUrl(sample), alt: sample.alt, width: '56', height: '56' });
    const button = element('button', { type: 'button', class: 'sample', title: `${sample.title}: ${sample.origin}; ${sample.licence}` }, [image]);
    button.addEventListener('click', () => show(sample));
    return button;
  });
  need(root, '#samples', HTMLElement).replaceChildren(...buttons);
}

/** @param {State} state */
export function update(state) {
  phase = state.phase;
  open = phase === 'live' || phase === 'paused';
  start.disabled = !state.model;
  setText(start, open ? 'Stop camera' : 'Start camera');
  start.classList.toggle('running', open);
  hold.hidden = !open;
  setText(hold, phase === 'live' ? 'Pause' : 'Continue');
  /** @type {HTMLElement} */ (mirror.parentElement).hidden = !open;
  mirror.checked = isMirrored(state.subject, state.settings);
  setText(promise, state.online || !state.model ? PROMISE : OFFLINE_PROMISE);
  cameras.hidden = !open || state.cameras.length < 2;
  if (state.cameras === listed) return;
  listed = state.cameras;
  cameras.replaceChildren(...listed.map(({ id: value, label }) => element('option', { value }, [label])));
  cameras.value = listed.find(({ current }) => current)?.id ?? '';
}
