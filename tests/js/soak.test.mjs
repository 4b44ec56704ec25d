// What `cargo xtask soak` takes for growth, and its picture.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, grown } from '../soak/growth.mjs';
import { plot } from '../soak/plot.mjs';

/** Samples of a curve. @param {(index: number) => number} curve */
const samples = (curve) => Array.from({ length: 40 }, (_, index) => ({ at: 10 * (index + 1), wasm: curve(index), heap: 3e6 }));

test('what rises in the warm-up and then stays has not grown', () => {
  assert.deepEqual(growth(samples((index) => Math.min(index, 8))), { wasm: 0, heap: 0 });
  assert.deepEqual(grown({ wasm: 0, heap: 1e6, resident: 9e9 }), []);
});

test('what goes on rising has grown, however slowly, and one high sample has not', () => {
  assert.deepEqual(grown(growth(samples((index) => 100 + index))), ['wasm']);
  assert.deepEqual(grown(growth(samples((index) => (index === 39 ? 500 : 100)))), []);
  assert.deepEqual(grown({ heap: 3e6 }), ['heap']);
  assert.deepEqual(grown({ wasm: NaN }), ['wasm']);
});

test('too few samples are told', () => {
  assert.throws(() => growth(samples(Number).slice(0, 7)), /expected 8 samples or more, found 7/);
});

test('the picture has a curve for each measure', () => {
  const svg = plot([{ what: 'Frames', unit: 'frames', samples: samples(Number) }]);
  assert.match(svg, /Frames: 400 frames/);
  assert.equal(svg.match(/stroke-width/g)?.length, 2);
  assert.doesNotMatch(svg, /NaN|undefined/);
});
