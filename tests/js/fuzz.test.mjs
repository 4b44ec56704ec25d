// A short run of `cargo xtask fuzz`: every input is read, or refused by name.

import { test } from 'node:test';
import { Random } from '../fuzz/random.mjs';
import { TARGETS } from '../fuzz/targets.mjs';

/** Enough to reach every branch within a second. */
const CASES = 2000;

for (const [name, target] of Object.entries(TARGETS)) {
  test(`${name}: every random case is read or refused by name`, async () => {
    for (let seed = 1; seed <= CASES; seed++) {
      try {
        await target(new Random(seed));
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}
