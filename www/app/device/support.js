/** The browser features that the page requires, checked before anything is downloaded. */

/** The smallest module that uses a 128-bit SIMD instruction. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, // magic, version 1
  1, 5, 1, 96, 0, 1, 123, // type 0: () -> v128
  3, 2, 1, 0, // function 0: type 0
  10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11, // i32.const 0, i8x16.splat, i8x16.popcnt
]);

/** @returns {string[]} names of the missing features */
export function missingFeatures() {
  const missing = [];
  if (typeof WebAssembly === 'undefined') missing.push('WebAssembly');
  else if (!WebAssembly.validate(SIMD_MODULE)) missing.push('WebAssembly SIMD');
  if (typeof Worker === 'undefined') missing.push('workers');
  if (typeof createImageBitmap === 'undefined') missing.push('createImageBitmap');
  if (typeof structuredClone === 'undefined') missing.push('structuredClone');
  return missing;
}
