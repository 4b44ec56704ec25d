// The arithmetic and the report of `cargo xtask bench`, on made-up numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gpuLayersTable } from '../../bench/race/gpu-layers.mjs';
import { layersTable } from '../../bench/race/layers.mjs';
import { lensTable } from '../../bench/race/lens.mjs';
import { markdown, rows, table } from '../../bench/race/report.mjs';
import { attempt, checkLogits, orWhy, run } from '../../bench/race/rounds.mjs';
import { consensus, deviation, shuffled, summarize } from '../../bench/race/stats.mjs';

/** @import { Contestant } from '../../bench/race/rounds.mjs' */

/**
 * A contestant that answers at once.
 * @param {string} engine
 * @param {number[]} logits
 * @param {number[]} times the first turns' ms
 * @returns {Contestant}
 */
function contestant(engine, logits, times = []) {
  const left = [...times];
  return {
    engine,
    threads: 1,
    runner: {
      loaded: { loadMs: 100, firstMs: 20, logits, facts: {} },
      turn: async () => left.shift() ?? assert.fail('more turns than planned'),
      logits: async () => logits,
      close: async () => {},
    },
    problem: null,
    samples: [],
    throughput: [],
    deviation: null,
  };
}

const named = (/** @type {Contestant} */ each) => ({
  ...each,
  name: each.engine,
  gzippedBytes: 374_400,
});

test('minimum, median and 95th percentile', () => {
  assert.deepEqual(summarize([3]), { min: 3, median: 3, p95: 3 });
  assert.deepEqual(summarize([10, 2, 3, 1]), { min: 1, median: 2.5, p95: 10 });
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(summarize(hundred), { min: 1, median: 50.5, p95: 95 });
});

test('one wrong engine does not move the consensus', () => {
  const right = [1, -2, 0.5];
  assert.deepEqual(consensus([[1000, NaN, -7], right, right]), right);
  assert.deepEqual(consensus([[1], right, right]), right);
  assert.equal(deviation(right, right), 0);
  assert.equal(deviation([1, -1.998, 0.5], right).toFixed(6), '0.001000');
});

test('answers that cannot be compared are infinitely far off', () => {
  assert.equal(deviation([1, NaN], [1, 2]), Infinity);
  assert.equal(deviation([1], [1, 2]), Infinity);
});

test('a round is a permutation, the same each time, and rounds differ', () => {
  const items = [...'abcdefgh'];
  const orders = Array.from({ length: 20 }, (_, round) => shuffled(items, round));
  for (const order of orders) assert.deepEqual(order.toSorted(), items);
  assert.deepEqual(shuffled(items, 7), orders[7]);
  assert.ok(new Set(orders.map(String)).size > 10);
  assert.ok(new Set(orders.map(([first]) => first)).size > 4, 'the first place goes round');
});

test('a contestant with wrong answers is reported and runs no more', async () => {
  const logits = [4, 2, -1];
  const good = contestant('reslens', logits, [1, 2, 3]);
  const base = contestant('onnxruntime-web', logits, [5, 6, 7]);
  const wrong = contestant('tfjs', [4, 2.1, -1]);
  const all = [good, wrong, base];
  await checkLogits(all, async ({ loaded }) => loaded.logits);
  assert.match(wrong.problem ?? '', /^wrong: its logits are off by 2\.5e-2/);
  await run(all, { warmup: 1, rounds: 2 }, () => {});
  assert.deepEqual(good.samples, [2, 3]);
  assert.deepEqual(base.samples, [6, 7]);
  assert.deepEqual(wrong.samples, []);
});

test('a failure is recorded and the others go on', async () => {
  const broken = contestant('tfjs', [1]);
  const fine = contestant('reslens', [1], [1, 1]);
  await attempt(broken, () => Promise.reject(new Error('it broke\nat line 3')));
  await run([broken, fine], { warmup: 0, rounds: 2 }, () => {});
  assert.equal(broken.problem, 'failed: it broke');
  assert.equal(fine.samples.length, 2);
});

test('a failed measurement beside the race does not lose its report', async () => {
  const lost = async () => {
    throw new Error('the GPU is lost\nat line 3');
  };
  assert.equal(await orWhy(async () => 7), 7);
  const [layers, gpuLayers, blocking] = await Promise.all([lost, lost, lost].map(orWhy));
  const ours = { ...contestant('reslens', [1]), samples: [40] };
  const report = markdown({ title: 'GPU', conditions: {}, rows: rows([named(ours)]), layers, gpuLayers, blocking, lens: 'the GPU is lost' });
  assert.match(report, /^\| \*\*reslens\*\* \| 1 \| 40\.0 /m);
  assert.deepEqual(report.match(/^No times of .*$/gm), [
    'No times of our layers: the GPU is lost',
    'No times of our layers: the GPU is lost',
    'No times of frames as a page asks for them: the GPU is lost',
    'No times of the lens: the GPU is lost',
  ]);
});

test('the lens’s cost is the median of the rounds’ ratios', () => {
  const plain = [10, 20, 40];
  const times = (/** @type {number} */ factor) => plain.map((ms) => factor * ms);
  const ms = { plain, stats: [10.2, 20.4, 90], taps: times(1.05), 'taps and stats': times(1.06), cam: plain, features: times(1.005), sweep: times(5) };
  const table = lensTable({ ms, blocks: 8 });
  assert.match(table, /^\| statistics of all blocks \| 20\.40 \| plain \| 2\.0 % \|/m);
  assert.match(table, /^\| statistics beside all maps \| 21\.20 \| all maps \| 1\.0 % \|/m);
  assert.match(table, /^\| evidence for the top class \| 20\.00 \| plain \| 0\.0 % \|/m);
  assert.match(table, /^\| features of the last stage \| 20\.10 \| plain \| 0\.5 % \|/m);
  assert.match(table, /^\| sweep over 8 blocks \| 100\.00 \| plain \| 5\.00 frames \| at most 5\.5 frames \|/m);
});

test('ratios are to the baseline with as many threads', () => {
  const ours = { ...contestant('reslens', []), samples: [40, 50, 60], deviation: 4.2e-7 };
  const base = { ...contestant('onnxruntime-web', []), samples: [100, 90, 110] };
  const threaded = { ...ours, threads: 2 };
  const [first, , third] = rows([ours, base, threaded].map(named));
  assert.equal(first.ratio, 0.5);
  assert.equal(third.ratio, null);
  assert.equal(
    table([first]).split('\n').at(-1),
    '| **reslens** | 1 | 40.0 | 50.0 | 60.0 | 0.50 | 100 | 20 | 374 | 4.2e-7 |',
  );
});

test('a contestant that works on several calls at once is also measured that way', async () => {
  const ours = contestant('reslens', [1], [9, 8, 8]);
  const base = contestant('onnxruntime-web', [1], [7, 7, 7]);
  const times = [6, 5, 4];
  const overlapping = async () => times.shift() ?? assert.fail('more measurements than planned');
  Object.assign(ours.runner ?? {}, { throughput: overlapping });
  Object.assign(ours.runner?.loaded ?? {}, { atOnce: 2 });
  await run([ours, base], { warmup: 1, rounds: 2 }, () => {});
  assert.deepEqual([ours.samples, ours.throughput, base.throughput], [[8, 8], [5, 4], []]);
  const found = rows([ours, base].map(named));
  assert.deepEqual(found.map(({ throughput }) => throughput), [{ ms: 4.5, atOnce: 2 }, null]);
  const report = markdown({ title: 'GPU', conditions: {}, rows: found, layers: null, gpuLayers: null, blocking: null, lens: null });
  assert.deepEqual(report.match(/^.*calls in flight.*$/gm), [
    '- reslens on 1 thread: 4.5 ms from answer to answer with 2 calls in flight (throughput), 8.0 ms one after the other (latency)',
  ]);
});

test('a contestant with a problem has no times, and the report says why', () => {
  const wrong = { ...contestant('tfjs', []), samples: [1], problem: 'wrong: off', deviation: 0.5 };
  const report = markdown({
    title: 'CPU',
    conditions: { browser: 'Chromium 1' },
    rows: rows([named(wrong)]),
    layers: null,
    gpuLayers: null,
    blocking: null,
    lens: null,
  });
  assert.match(report, /\| tfjs \| 1 \| – \| – \| – \| – \| – \| – \| 374 \| 5\.0e-1 \|/);
  assert.match(report, /^- tfjs on 1 thread: wrong: off$/m);
  assert.match(report, /^- browser: Chromium 1$/m);
});

test('layers are summed up, and their rates follow from their products', () => {
  const layer = { output: [7, 7, 512], algorithm: 'F(4×4)', direct: 40, products: 10, ms: [] };
  const text = layersTable({
    peak: 10,
    layers: [
      { ...layer, name: 'a', median: 2, others: { direct: 4, 'F(2×2)': 2.5, 'F(4×4)': 2 } },
      { ...layer, name: 'b', median: 3, others: { direct: 3 } },
    ],
  });
  const [first, , all] = text.split('\n').filter((line) => /^\| (a|b|\*\*all)/.test(line));
  assert.equal(first, '| a | 7×7×512 | F(4×4) | 2.00 | 5.0 | 50 % | 40.0 | 4.00 | 2.50 | 2.00 |');
  assert.equal(all, '| **all** |  |  | 5.00 | 4.0 | 40 % | 32.0 |  |  |  |');
});

test("a GPU's layers are the sums of their kernels, or the reason why there are none", () => {
  const conv = { name: 'conv', bytes: 3e6, ms: [1, 9, 2] };
  const add = { name: 'add', bytes: 1e6, ms: [2, 2, 2] };
  const text = gpuLayersTable([
    { name: 'a', output: [7, 7, 512], direct: 40, kernels: [conv, add] },
    { name: 'b', output: [7, 7, 512], direct: 0, kernels: [add] },
  ]);
  const [first, , all] = text.split('\n').filter((line) => /^\| (a|b|\*\*all)/.test(line));
  assert.equal(first, '| a | 7×7×512 | 4.00 | 20.0 | 4.0 | 1.0 | conv 2.00 + add 2.00 |');
  assert.equal(all, '| **all** |  | 6.00 | 13.3 | 5.0 | 0.8 |  |');
  assert.equal(gpuLayersTable('no timestamps'), 'No times of our layers: no timestamps');
});
