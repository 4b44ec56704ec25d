// How `cargo xtask soak` detects growth, and its plot.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, grown } from '../soak/growth.mjs';
import { plot } from '../soak/plot.mjs';

/** Samples of a curve. @param {(index: number) => number} curve */
const samples = (curve) => Array.from({ length: 40 }, (_, index) => ({ at: 10 * (index + 1), wasm: curve(index), heap: 3e6 }));

test('a curve that rises in the warm-up and then stays has not grown', () => {
  assert.deepEqual(growth(samples((index) => Math.min(index, 8))), { wasm: 0, heap: 0 });
  assert.deepEqual(grown({ wasm: 0, heap: 1e6, resident: 9e9 }), []);
});

test('a curve that keeps rising has grown, however slowly; one high sample is no growth', () => {
  assert.deepEqual(grown(growth(samples((index) => 100 + index))), ['wasm']);
  assert.deepEqual(grown(growth(samples((index) => (index === 39 ? 500 : 100)))), []);
  assert.deepEqual(grown({ heap: 3e6 }), ['heap']);
  assert.deepEqual(grown({ wasm: NaN }), ['wasm']);
});

test('too few samples are reported', () => {
  assert.throws(() => growth(samples(Number).slice(0, 7)), /expected 8 samples or more, found 7/);
});

test('the plot has a curve for each measure', () => {
  const svg = plot([{ what: 'Frames', unit: 'frames', samples: samples(Number) }]);
  assert.match(svg, /Frames: 400 frames/);
  assert.equal(svg.match(/stroke-width/g)?.length, 2);
  assert.doesNotMatch(svg, /NaN|undefined/);
});
