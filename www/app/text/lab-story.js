/**
 * The networks that each part of the story trains.
 *
 * @typedef {import('../lab-types.js').PairName} PairName
 * @typedef {import('../lab-types.js').Settings} Settings
 * @typedef {import('../lab-types.js').Twin} Twin
 */

/** @type {readonly Twin[]} */
export const BOTH = ['plain', 'residual'];

/** One weight: nothing but W ← W − η·∂L/∂W. @type {Settings} */
export const ONE_WEIGHT = { preset: 'shallow', skip: false, momentum: 0, decay: 0, warmup: 0, rate: 0.1, seed: 1 };

/** @type {Record<Exclude<PairName, 'free'|'paper'>, {settings: Settings, twins: readonly Twin[]}>} */
export const STORY = {
  vanish: { settings: { preset: 'frozen', seed: 1 }, twins: ['plain'] },
  skip: { settings: { preset: 'vanishing', seed: 1 }, twins: BOTH },
  blocks: { settings: { preset: 'cracks', seed: 1 }, twins: BOTH },
};

/** The depths to train as soon as that part is reached. */
export const PAPER_DEPTHS = /** @type {const} */ ([8, 20, 56]);

/** Returns the preset for a depth: the deeper, the more careful the first steps. */
const PRESETS = /** @type {const} */ ([[14, 'shallow'], [40, 'cracks'], [110, 'deep'], [Infinity, 'very-deep']]);

/** The settings of a depth with batch norm and ReLU. @param {number} depth @returns {Settings} */
export function paperSettings(depth) {
  const [, preset] = /** @type {typeof PRESETS[number]} */ (PRESETS.find(([most]) => depth <= most));
  return { preset, depth, seed: 1 };
}

/** The same settings with another seed. @param {Settings} settings @returns {Settings} */
export function reseeded(settings) {
  return { ...settings, seed: (settings.seed ?? 1) + 1 };
}
