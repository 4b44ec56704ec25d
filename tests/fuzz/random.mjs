// Random numbers that a seed reproduces, and random JavaScript values.

/** Draws from a seed, identically everywhere: Steele et al. 2014, SplitMix, with 32 bits ("mulberry32"). */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 (inclusive) to 1 (exclusive). */
  unit() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. @param {number} end */
  below(end) {
    return Math.floor(this.unit() * end);
  }

  /**
   * @template T
   * @param {readonly T[]} all
   * @returns {T}
   */
  of(all) {
    return all[this.below(all.length)];
  }
}

/** Numbers at which behaviour changes. */
const NUMBERS = [0, -0, 1, 2, 3, 7, 8, 255, 256, 65535, 2 ** 31, 2 ** 32, 2 ** 53, -1, 0.5, 1e308, NaN, Infinity];

/** A number or a text as a JSON header may have. @param {Random} random */
export function plainValue(random, depth = 3) {
  switch (random.below(depth > 0 ? 9 : 6)) {
    case 0: return null;
    case 1: return random.unit() < 0.5;
    case 2: return random.of(['', 'F16', 'U8', '0', '8', 'constructor', '__proto__', 'toString', 'é\u{1f600}', '\ud800']);
    case 3: return random.below(64);
    case 4:
    case 5: return random.of(NUMBERS);
    case 6: return Array.from({ length: random.below(4) }, () => plainValue(random, depth - 1));
    default: {
      const keys = Array.from({ length: random.below(4) }, () => random.of(['a', 'dtype', 'shape', 'toString', 'valueOf', 'length']));
      return Object.fromEntries(keys.map((key) => [key, plainValue(random, depth - 1)]));
    }
  }
}

/** Any value that a caller may pass. @param {Random} random */
export function anyValue(random, depth = 2) {
  switch (random.below(16)) {
    case 0: return undefined;
    case 1: return Symbol('s');
    case 2: return 12n;
    case 3: return () => 1;
    case 4: return Object.create(null);
    case 5: return new Date(NaN);
    case 6: return new Map([[1, 2]]);
    case 7: return new Float32Array(random.of([0, 1, 12, 3072]));
    case 8: return new SharedArrayBuffer(random.below(9));
    case 9: return new Blob(['0123456789'.slice(random.below(10))]);
    case 10: return new URL('https://example.org/a');
    case 11: return { [Symbol.toStringTag]: random.of(['URL', 'String', 'Blob', 'ArrayBuffer', 'Float32Array', 'AbortSignal', 'Worker']) };
    case 12: return random.of(['auto', 'cpu', 'webgpu', 'all', 'logit', '', 'http://[', 'a b', 'oom', '__proto__']);
    case 13: return new DataView(new ArrayBuffer(8), random.below(8));
    case 14: return AbortSignal.abort();
    default: return plainValue(random, depth);
  }
}
