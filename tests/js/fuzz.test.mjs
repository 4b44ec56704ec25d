// A little of what `cargo xtask fuzz` does for as long as one likes: whatever is read is taken or refused by name.

import { test } from 'node:test';
import { Random } from '../fuzz/random.mjs';
import { TARGETS } from '../fuzz/targets.mjs';

/** Enough to meet every branch, and not more than takes a second. */
const CASES = 2000;

for (const [name, target] of Object.entries(TARGETS)) {
  test(`${name}: random cases keep every promise`, async () => {
    for (let seed = 1; seed <= CASES; seed++) {
      try {
        await target(new Random(seed));
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}
