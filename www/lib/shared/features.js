// Detects browser features before any wasm file is loaded, because a module with one instruction
// that the browser does not know cannot be loaded at all.

/**
 * Returns whether the browser accepts a module with one function without parameters or results.
 * @param {number[]} code the function's instructions, without the closing `end`
 * @param {number[]} [memory] the memory section's content
 */
function validates(code, memory) {
  const body = [0, ...code, 0x0b]; // no locals, instructions, end
  return WebAssembly.validate(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
      ...[1, 4, 1, 0x60, 0, 0], // types: one, () -> ()
      ...[3, 2, 1, 0], // functions: one, of type 0
      ...(memory ? [5, memory.length, ...memory] : []),
      ...[10, body.length + 2, 1, body.length, ...body], // code: one body
    ]),
  );
}

/** WebAssembly SIMD of 128 bits: Chrome and Edge 91, Firefox 89, Safari 16.4. */
const hasSimd = () =>
  validates([0x41, 0, 0xfd, 0x0f, 0x1a]); // i32.const 0, i8x16.splat, drop

/** Returns the first required feature that this browser lacks, or null. `structuredClone`: Chrome and Edge 98. */
export const missing = () =>
  !hasSimd() ? 'WebAssembly SIMD' : typeof structuredClone === 'undefined' ? 'structuredClone' : null;

/** Relaxed SIMD, for fused multiply-add: Chrome and Edge 114, Firefox 145, not yet Safari. */
export const hasRelaxedSimd = () =>
  // Three times i32.const 0, i8x16.splat; f32x4.relaxed_madd, drop
  validates([...[1, 2, 3].flatMap(() => [0x41, 0, 0xfd, 0x0f]), 0xfd, 0x85, 2, 0x1a]);

/** WebAssembly atomics on a shared memory. */
export const hasAtomics = () =>
  validates(
    [0x41, 0, 0xfe, 0x10, 2, 0, 0x1a], // i32.const 0, i32.atomic.load align=4 offset=0, drop
    [1, 3, 1, 1], // one memory, shared, 1 page at least and at most
  );

/**
 * Decides how many threads to use, with the reason if there are fewer than requested.
 *
 * `auto` uses every logical core up to 4, above that half of them, at most 8: two logical
 * cores often share one core's arithmetic units, and the smallest layers cannot feed more.
 * @param {number | 'auto'} requested
 * @returns {{threads: number, reason: string | null}}
 */
export function planThreads(requested) {
  const cores = navigator.hardwareConcurrency || 1;
  const wanted =
    requested !== 'auto' ? requested : cores <= 4 ? cores : Math.max(4, Math.min(cores >> 1, 8));
  if (wanted === 1) return { threads: 1, reason: null };
  if (!globalThis.crossOriginIsolated) {
    return {
      threads: 1,
      reason:
        'one thread: the page is not cross-origin isolated (the server must send ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)',
    };
  }
  // WebKitGTK isolates pages and supports the instructions, but not shared memory.
  if (typeof SharedArrayBuffer === 'undefined' || !hasAtomics()) {
    return { threads: 1, reason: 'one thread: this browser lacks WebAssembly threads' };
  }
  return { threads: wanted, reason: null };
}
