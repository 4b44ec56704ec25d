/**
 * Two colour maps, sampled at equal steps; between the samples they are interpolated in sRGB.
 *
 * Magnitudes: viridis (Smith, van der Walt 2015, matplotlib, CC0), 16 samples. Perceptually
 * uniform, readable without colour vision.
 * Signed values: RdBu reversed (ColorBrewer, Brewer 2002, Apache-2.0), 11 samples, neutral in the
 * middle.
 */

const VIRIDIS = [
  0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e,
  0x1f988b, 0x22a884, 0x35b779, 0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725,
];

const BLUE_WHITE_RED = [
  0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d,
  0xb2182b, 0x67001f,
];

/** Entries of a look-up table. */
export const STEPS = 256;

/** RGB bytes, `3 * STEPS` long, from the lowest value to the highest. */
export const MAGNITUDE = lookUpTable(VIRIDIS);
/** The same for signed values, with 0 in the middle. */
export const SIGNED = lookUpTable(BLUE_WHITE_RED);

/** `MAGNITUDE` as a legend's gradient in CSS. */
export const MAGNITUDE_GRADIENT = gradient(VIRIDIS);
/** `SIGNED` as a legend's gradient in CSS. */
export const SIGNED_GRADIENT = gradient(BLUE_WHITE_RED);

/** @param {number[]} samples 0xRRGGBB */
function lookUpTable(samples) {
  const table = new Uint8Array(3 * STEPS);
  for (let step = 0; step < STEPS; step++) {
    const position = (step / (STEPS - 1)) * (samples.length - 1);
    const left = Math.min(Math.floor(position), samples.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const shift = 16 - 8 * channel;
      const from = (samples[left] >> shift) & 255;
      const to = (samples[left + 1] >> shift) & 255;
      table[3 * step + channel] = Math.round(from + (position - left) * (to - from));
    }
  }
  return table;
}

/** @param {number[]} samples 0xRRGGBB */
function gradient(samples) {
  const colours = samples.map((sample) => `#${sample.toString(16).padStart(6, '0')}`);
  return `linear-gradient(to right, ${colours.join(', ')})`;
}
