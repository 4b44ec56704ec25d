/**
 * Where pictures come from: samples, files, the clipboard, the camera.
 *
 * @typedef {import('../app/types.js').Actions} Actions
 * @typedef {import('../app/types.js').Sample} Sample
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { thumbnailUrl } from '../app/device/samples.js';
import { cameraOpen, isMirrored } from '../app/text/state.js';
import { element, need, setText } from './dom.js';

export const id = 'source-bar';

const PROMISE = 'Frames stay in this tab. Nothing is uploaded.';
const OFFLINE_PROMISE = 'You are offline. Everything still works, and frames never leave this tab.';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const start = need(root, '#camera', HTMLButtonElement);
  const hold = need(root, '#hold', HTMLButtonElement);
  const cameras = need(root, '#cameras', HTMLSelectElement);
  const save = need(root, '#save-frame', HTMLButtonElement);
  const mirror = need(root, '#mirror', HTMLInputElement);
  const mirrorLabel = need(root, 'label:has(#mirror)', HTMLElement);
  const promise = need(root, '.promise', HTMLElement);
  const thumbnails = need(root, '#samples', HTMLElement);
  const file = need(root, '#file', HTMLInputElement);
  /** @type {State|null} */
  let last = null;

  start.addEventListener('click', () => (last && cameraOpen(last) ? actions.stopCamera() : actions.startCamera()));
  hold.addEventListener('click', () => (last?.phase === 'live' ? actions.pauseCamera() : actions.resumeCamera()));
  save.addEventListener('click', () => actions.saveFrame());
  cameras.addEventListener('change', () => actions.startCamera(cameras.value));
  mirror.addEventListener('change', () => actions.configure({ mirror: mirror.checked }));
  need(root, '#open', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    actions.openFiles([...(file.files ?? [])]);
    file.value = '';
  });

  return (state) => {
    const open = cameraOpen(state);
    start.disabled = !state.model;
    setText(start, open ? 'Stop camera' : 'Start camera');
    start.classList.toggle('running', open);
    hold.hidden = !open;
    setText(hold, state.phase === 'live' ? 'Pause' : 'Continue');
    mirrorLabel.hidden = !open;
    save.hidden = !open || state.answer?.subject.kind !== 'camera';
    mirror.checked = isMirrored(state.subject, state.settings);
    setText(promise, state.online || !state.model ? PROMISE : OFFLINE_PROMISE);
    cameras.hidden = !open || state.cameras.length < 2;
    if (state.cameras !== last?.cameras) listCameras(cameras, state.cameras);
    if (state.samples !== last?.samples) thumbnails.replaceChildren(...state.samples.map((sample) => thumbnail(sample, actions)));
    last = state;
  };
}

/** @param {HTMLSelectElement} select @param {State['cameras']} cameras */
function listCameras(select, cameras) {
  select.replaceChildren(...cameras.map(({ id: value, label }) => element('option', { value }, [label])));
  select.value = cameras.find(({ current }) => current)?.id ?? '';
}

/** @param {Sample} sample @param {Actions} actions */
function thumbnail(sample, actions) {
  const image = element('img', { src: thumbnailUrl(sample), alt: sample.alt, width: '56', height: '56' });
  const title = `${sample.title}: ${sample.origin}; ${sample.licence}`;
  const button = element('button', { type: 'button', class: 'sample', title }, [image]);
  button.addEventListener('click', () => actions.openSample(sample));
  return button;
}
