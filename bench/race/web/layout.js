/**
 * Converts an input to the layout of libraries that expect channels last; their users produce it directly.
 * @param {Float32Array} input channels first
 * @param {number} size height and width
 */
export function channelsLast(input, size) {
  const pixels = size * size;
  return Float32Array.from(input, (_, i) => input[(i % 3) * pixels + Math.floor(i / 3)]);
}
