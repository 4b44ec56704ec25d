// Half-precision numbers (IEEE 754 binary16), as far as files need them: `Float16Array` is missing in many browsers.

/** The largest finite half. */
export const MAX_HALF = 65504;

const bits = new DataView(new ArrayBuffer(4));

/**
 * Returns the bits of the half nearest to a number; of two equally near, the even one.
 * @param {number} value
 */
export function toHalf(value) {
  bits.setFloat32(0, value);
  const single = bits.getUint32(0);
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to infinity
  if (magnitude >= 0x38800000) {
    // Normal: the exponent's bias changes from 127 to 15, and 13 bits are rounded away.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: a multiple of 2⁻²⁴, to which addition rounds.
  bits.setUint32(0, magnitude);
  const small = bits.getFloat32(0) * 2 ** 24;
  const floor = Math.floor(small);
  const rest = small - floor;
  return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
}

/**
 * Returns the number that a half's bits represent.
 * @param {number} half
 */
export function fromHalf(half) {
  const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >>> 10) & 31, half & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
