// The input of all contestants.

/**
 * Seeded noise as float32 in [-2, 2), about the range of a normalised picture.
 * @param {number} count
 */
export function makeInput(count) {
  let state = 1;
  const next = () => {
    // xorshift32: never 0, uniform
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 8) / 2 ** 24) * 4 - 2;
  };
  return new Uint8Array(Float32Array.from({ length: count }, next).buffer);
}
