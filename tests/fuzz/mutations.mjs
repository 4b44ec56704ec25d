// Random changes to bytes and to values.

import { plainValue } from './random.mjs';

/** @import { Random } from './random.mjs' */

/** The largest length after changes. */
const LONGEST = 8192;

/**
 * @param {Random} random
 * @param {Uint8Array} bytes
 */
export function changedBytes(random, bytes) {
  let changed = Array.from(bytes);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const [at, length] = [random.below(changed.length + 1), 1 + random.below(8)];
    switch (random.below(6)) {
      case 0: changed[at] = random.below(256); break;
      case 1: changed[at] = random.of([0, 1, 0x7f, 0x80, 0xff]); break;
      case 2: changed.splice(at, length); break;
      case 3: changed.splice(at, 0, ...Array.from({ length }, () => random.below(256))); break;
      case 4: changed.splice(at, 0, ...changed.slice(random.below(changed.length + 1)).slice(0, 64)); break;
      default: changed = changed.slice(0, at);
    }
  }
  return Uint8Array.from(changed.slice(0, LONGEST), (byte) => byte ?? 0);
}

/**
 * Returns a copy of a JSON value, with one part replaced, removed or added.
 * @param {Random} random
 * @param {unknown} value
 * @returns {unknown}
 */
export function changedValue(random, value) {
  const isParent = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isParent || random.unit() < 0.15) return plainValue(random);
  const copy = /** @type {Record<string, unknown>} */ (Array.isArray(value) ? [...value] : { ...value });
  const key = random.of(Object.keys(copy));
  switch (random.below(8)) {
    case 0: delete copy[key]; break;
    case 1: copy[random.of(['a', '__metadata__', '0', 'toString'])] = plainValue(random); break;
    default: copy[key] = changedValue(random, copy[key]);
  }
  return copy;
}
