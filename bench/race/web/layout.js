/**
 * An input in the layout of libraries that want channels last: their users make it so at once.
 * @param {Float32Array} input channels first
 * @param {number} size height and width
 */
export function channelsLast(input, size) {
  const pixels = size * size;
  return Float32Array.from(input, (_, i) => input[(i % 3) * pixels + Math.floor(i / 3)]);
}
