/**
 * The order of a block's channels in the channel browser.
 *
 * @typedef {import('../types.js').Channels} Channels
 * @typedef {import('../types.js').FeatureMap} FeatureMap
 */

/** Channels that are shown at a time, and among which the page chooses. */
export const SHOWN = 16;

/** The largest |F(x)| of a channel. @param {FeatureMap} map */
export function peak({ min, max }) {
  return Math.max(Math.abs(min), Math.abs(max));
}

/**
 * Channels in the browser's order: all by number, or those that were scanned by strength.
 * @param {Channels} channels
 * @param {number} total channels of the block
 * @returns {number[]}
 */
export function listed({ order, seen }, total) {
  if (order === 'number') return Array.from({ length: total }, (_, channel) => channel);
  const ranked = [...seen].map(([channel, map]) => ({ channel, strength: peak(map) }));
  return ranked.sort((a, b) => b.strength - a.strength || a.channel - b.channel).map(({ channel }) => channel);
}
