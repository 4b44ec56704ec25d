/**
 * The channels of the block in the close-up: F(x) of each as a small map, all on one scale, and the
 * choice of the one to enlarge.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {{button: HTMLButtonElement, map: MapCanvas, name: HTMLElement, channel: number}} Thumb
 */

import { listed, peak, SHOWN } from '../app/text/channels.js';
import { isCut } from '../app/text/cuts.js';
import { figure, grouped } from '../app/text/format.js';
import { scaleOf } from '../app/text/maps.js';
import { isMirrored, openedBlock } from '../app/text/state.js';
import { element, need, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';

export const id = 'channels';

/** The parts of the state that this view shows. */
const SHOWS = /** @type {const} */ (['channels', 'closeReduce', 'phase', 'settings', 'block', 'model', 'ablate']);

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const group = need(root, '.thumbs', HTMLElement);
  const number = need(root, '#channel', HTMLInputElement);
  const total = need(root, '#channel-count', HTMLElement);
  const order = need(root, '#channel-order', HTMLSelectElement);
  const earlier = need(root, '#channels-before', HTMLButtonElement);
  const later = need(root, '#channels-after', HTMLButtonElement);
  const note = need(root, '#channels-note', HTMLElement);
  const thumbs = Array.from({ length: SHOWN }, (_, channel) => makeThumb(channel, choose));
  /** @type {State|null} */
  let last = null;

  group.replaceChildren(...thumbs.map(({ button }) => button));
  group.addEventListener('keydown', onKey);
  number.addEventListener('change', () => choose(Number(number.value)));
  order.addEventListener('change', () =>
    actions.setChannelPage({ order: /** @type {'number'} */ (order.value), first: 0 }));
  earlier.addEventListener('click', () => turn(-SHOWN));
  later.addEventListener('click', () => turn(SHOWN));

  return (state) => {
    const before = last;
    last = state;
    const { shown } = openedBlock(state);
    if (!shown || !state.model) return;
    if (before && SHOWS.every((key) => state[key] === before[key])) return;
    root.classList.toggle('mirrored', isMirrored(state.subject, state.settings));
    root.classList.toggle('smooth', state.settings.smooth);
    showControls(state, shown.shape[0]);
    showThumbs(state, shown.shape[0]);
  };

  /** @param {number} channel */
  function choose(channel) {
    if (Number.isNaN(channel) || !last) return;
    const top = Number(number.max);
    const known = Math.min(top, Math.max(0, Math.round(channel)));
    const at = listed(last.channels, top + 1).indexOf(known);
    if (at >= 0) actions.setChannelPage({ first: at - (at % SHOWN) });
    actions.inspect({ closeReduce: { channel: known }, channelChosen: true });
  }

  /** @param {number} by */
  function turn(by) {
    if (last) actions.setChannelPage({ first: Math.max(0, last.channels.first + by) });
  }

  /** @param {State} state @param {number} count channels of the block */
  function showControls(state, count) {
    const { closeReduce, channels } = state;
    const { order: ordered, first, count: scanned } = channels;
    if (typeof closeReduce === 'object' && document.activeElement !== number) number.value = String(closeReduce.channel);
    number.max = String(count - 1);
    setText(total, `of ${grouped(count)}`);
    order.value = ordered;
    earlier.disabled = first === 0;
    later.disabled = first + SHOWN >= (ordered === 'number' ? count : scanned);
    setText(note, noteOf(state, count));
  }

  /** @param {State} state @param {number} count channels of the block */
  function showThumbs({ channels, closeReduce, ablate, block, phase }, count) {
    const { seen, first } = channels;
    const stale = channels.block !== block || isCut(ablate, block, 'residual') || phase === 'live';
    const page = listed(channels, count).slice(first, first + SHOWN);
    const maps = stale ? [] : page.flatMap((channel) => seen.get(channel) ?? []);
    const scale = scaleOf(maps, { channel: 0 });
    const chosen = typeof closeReduce === 'object' ? closeReduce.channel : -1;
    const focus = page.includes(chosen) ? chosen : page[0];
    thumbs.forEach((thumb, place) => {
      const channel = page[place];
      const { button, map, name } = thumb;
      button.disabled = channel === undefined;
      button.classList.toggle('empty', channel === undefined);
      if (channel === undefined) return setText(name, '\u00a0');
      thumb.channel = channel;
      const values = stale ? undefined : seen.get(channel);
      button.classList.toggle('pending', !values);
      if (values) map.draw(values, scale);
      setText(name, String(channel));
      button.tabIndex = channel === focus ? 0 : -1;
      button.setAttribute('aria-checked', String(channel === chosen));
      button.setAttribute('aria-label', values ? `channel ${channel}: F(x) at most ${figure(peak(values))}` : `channel ${channel}`);
    });
  }

  /** Arrow keys walk the thumbnails, as in any group of radio buttons. @param {KeyboardEvent} event */
  function onKey(event) {
    const at = thumbs.findIndex(({ button }) => button === document.activeElement);
    const columns = getComputedStyle(group).gridTemplateColumns.split(' ').length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const target = by && thumbs[at + by];
    if (at < 0 || !target || target.button.disabled) return;
    event.preventDefault();
    target.button.focus();
    choose(target.channel);
  }
}

/** @param {number} channel @param {(channel: number) => void} choose @returns {Thumb} */
function makeThumb(channel, choose) {
  const map = new MapCanvas('map');
  const name = element('span', {}, [String(channel)]);
  const button = element('button', {
    type: 'button', role: 'radio', class: 'thumb pending', tabindex: '-1', disabled: '', 'aria-checked': 'false', 'aria-label': `channel ${channel}`,
  }, [map.canvas, name]);
  const thumb = { button, map, name, channel };
  button.addEventListener('click', () => choose(thumb.channel));
  return thumb;
}

/** @param {State} state @param {number} count channels of the block */
function noteOf({ channels: { order, count: scanned }, phase, ablate, block }, count) {
  if (isCut(ablate, block, 'residual')) return 'F(x) is left out: it is 0 in every channel.';
  if (phase === 'live') return 'Pause the camera to look at single channels: each costs a pass through the network.';
  if (order === 'strength' && scanned < count) return `${scanned} of ${grouped(count)} channels scanned`;
  return 'F(x) of each channel, on the scale of the strongest one shown.';
}
