/**
 * Scans single channels of the block in the close-up, one after another, while the network is idle: each
 * costs a pass through the network. It never slows down a live picture.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Channels} Channels
 * @typedef {import('../types.js').State} State
 */

import { listed, SHOWN } from '../text/channels.js';
import { isCut } from '../text/cuts.js';
import { noChannels, openedBlock } from '../text/state.js';

export class ChannelScan {
  #running = false;
  /** The results of a scan that failed, which stay incomplete. @type {Channels['seen']|null} */
  #failed = null;
  #store;
  #lens;

  /** @param {Store} store @param {Lens} lens */
  constructor(store, lens) {
    this.#store = store;
    this.#lens = lens;
    store.onDraw((state) => this.#follow(state));
  }

  /** @param {State} state */
  #follow(state) {
    const { answer, block, model, channels } = state;
    if (answer && block && !isAbout(channels, state)) {
      // The same block of another frame: the channel browser stays where it was.
      const kept = channels.block === block && channels.model === model;
      const { order, first } = kept ? channels : { order: channels.order, first: 0 };
      const { subject, ablated } = answer;
      this.#store.set({ channels: { ...noChannels(), model, subject, ablated, block, order, first } });
    }
    this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let scanned = false;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { seen, block } = this.#store.state.channels;
      const map = await this.#lens.channel(/** @type {string} */ (block), next);
      if (map === null) this.#failed = seen;
      const { channels } = this.#store.state;
      if (!map || channels.seen !== seen) continue;
      seen.set(next, map);
      scanned = true;
      this.#store.set({ channels: { ...channels, count: seen.size } });
    }
    this.#running = false;
    if (scanned) this.#choose();
  }

  #next() {
    const { state } = this.#store;
    return state.channels.seen === this.#failed ? null : nextChannel(state);
  }

  /** Shows the strongest of the first channels, unless the visitor chose one. */
  #choose() {
    const { channels, channelChosen, closeReduce } = this.#store.state;
    if (channelChosen || typeof closeReduce !== 'object' || channels.count < SHOWN) return;
    const [channel] = listed({ ...channels, order: 'strength' }, Infinity);
    if (channel === closeReduce.channel) return;
    this.#store.set({ closeReduce: { channel } });
    this.#lens.refresh();
  }
}

/** Whether results are about what the page shows. @param {Channels} channels @param {State} state */
function isAbout(channels, { answer, block, model }) {
  return channels.block === block && channels.model === model && channels.subject === answer?.subject &&
    channels.ablated === answer.ablated;
}

/**
 * Returns the channel to scan next, or null if there is none or the network is busy.
 * @param {State} state
 * @returns {number|null}
 */
function nextChannel(state) {
  const { channels, phase, loading, closeVisible, ablate } = state;
  const { shown } = openedBlock(state);
  const still = (phase === 'ready' || phase === 'paused') && !loading && !document.hidden;
  if (!shown || !still || !closeVisible || !isAbout(channels, state) || isCut(ablate, shown.name, 'residual')) return null;
  const [total] = shown.shape;
  // By strength: all channels. By number: those on display.
  const [from, to] = channels.order === 'number' ? [channels.first, channels.first + SHOWN] : [0, total];
  for (let channel = from; channel < Math.min(to, total); channel++) {
    if (!channels.seen.has(channel)) return channel;
  }
  return null;
}
