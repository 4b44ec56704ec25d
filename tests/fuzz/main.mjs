// node tests/fuzz/main.mjs [--seconds N] [--seed S] [TARGET...]: tries random cases until time is up, and prints how
// many.
//
// Each case has its own seed, which is printed when it fails: `--seed S --seconds 0` repeats it alone.

import { parseArgs } from 'node:util';
import { Random } from './random.mjs';
import { TARGETS } from './targets.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string' } },
});
const first = Number(values.seed ?? Date.now() % 2 ** 31);
let failures = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(TARGETS)) {
  const target = TARGETS[name];
  if (!target) throw new Error(`no target '${name}': expected ${Object.keys(TARGETS).join(', ')}`);
  const end = performance.now() + 1000 * Number(values.seconds);
  let seed = first;
  do {
    try {
      await target(new Random(seed));
    } catch (error) {
      failures += 1;
      console.error(`${name}, seed ${seed}:`, error);
      break;
    }
    seed += 1;
  } while (performance.now() < end);
  console.log(`${name}: ${seed - first} cases from seed ${first}`);
}
process.exitCode = failures > 0 ? 1 : 0;
