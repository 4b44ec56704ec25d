// Ranges, colours and words of a map: wrong ones would still look plausible.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAGNITUDE, SIGNED, STEPS } from '../../www/app/text/colors.js';
import { addsUp, describe, paint, place, scaleOf, statistics } from '../../www/app/text/maps.js';

/** @param {number[]} values @param {number} width */
function map(values, width) {
  const data = Float32Array.from(values);
  const height = values.length / width;
  return { height, width, channels: 4, data, min: Math.min(...data), max: Math.max(...data) };
}

/** @param {ReturnType<typeof map>} shown @param {import('../../www/app/text/maps.js').Scale} scale */
function colours(shown, scale) {
  const rgba = new Uint8ClampedArray(4 * shown.data.length);
  paint(shown, scale, rgba);
  return Array.from(shown.data, (_, cell) => [...rgba.subarray(4 * cell, 4 * cell + 3)]);
}

const entry = (/** @type {Uint8Array} */ table, /** @type {number} */ step) => [...table.subarray(3 * step, 3 * step + 3)];

test('the tables begin and end with the colours of their sources', () => {
  assert.deepEqual(entry(MAGNITUDE, 0), [0x44, 0x01, 0x54]);
  assert.deepEqual(entry(MAGNITUDE, STEPS - 1), [0xfd, 0xe7, 0x25]);
  assert.deepEqual(entry(SIGNED, 0), [0x05, 0x30, 0x61]);
  assert.deepEqual(entry(SIGNED, STEPS - 1), [0x67, 0x00, 0x1f]);
});

test('a scale of magnitudes begins at 0 and covers every map', () => {
  const scale = scaleOf([map([0.5, 0.25], 2), map([3, 2, 1], 3)], 'mean-abs');
  assert.deepEqual(scale, { low: 0, high: 3, signed: false });
});

test('a signed scale is symmetric, also where all values have one sign', () => {
  assert.deepEqual(scaleOf([map([-4, 1], 2)], 'mean'), { low: -4, high: 4, signed: true });
  assert.deepEqual(scaleOf([map([1, 2], 2)], { channel: 3 }), { low: -2, high: 2, signed: true });
});

test('the ends of a scale take the ends of the table, and 0 the middle of the signed one', () => {
  const magnitudes = map([0, 2], 2);
  assert.deepEqual(colours(magnitudes, scaleOf([magnitudes], 'max-abs')), [
    entry(MAGNITUDE, 0),
    entry(MAGNITUDE, STEPS - 1),
  ]);
  const signed = map([-2, 0, 2], 3);
  const [low, zero, high] = colours(signed, scaleOf([signed], 'mean'));
  assert.deepEqual([low, high], [entry(SIGNED, 0), entry(SIGNED, STEPS - 1)]);
  assert.ok(Math.min(...zero) > 0xf0, `0 is neutral, not ${zero}`);
});

test('a map of zeros has a colour, not NaN', () => {
  const zeros = map([0, 0], 2);
  assert.deepEqual(colours(zeros, scaleOf([zeros], 'mean-abs'))[0], entry(MAGNITUDE, 0));
  assert.deepEqual(colours(zeros, scaleOf([zeros], 'mean'))[0], entry(SIGNED, STEPS / 2));
});

test('the strongest cell is the one with the largest absolute value, wherever it lies', () => {
  assert.deepEqual(statistics(map([5, 4, 3, 2, 1, 0], 3)), { mean: 2.5, row: 0, column: 0 });
  assert.deepEqual(statistics(map([1, 2, 3, -9, 1, 2], 3)), { mean: 0, row: 1, column: 0 });
});

test('places are named as a viewer sees them', () => {
  const shown = { height: 3, width: 3 };
  assert.equal(place(0, 0, shown, false), 'at the upper left');
  assert.equal(place(0, 0, shown, true), 'at the upper right');
  assert.equal(place(1, 1, shown, false), 'in the centre');
  assert.equal(place(2, 1, shown, false), 'at the bottom');
  assert.equal(place(0, 0, { height: 1, width: 1 }, false), 'in the centre');
});

test('a map is described by place, mean, range and size', () => {
  const text = describe('layer3.1', 'F(x)', map([0, 0, 0, 0, 0, 0, 2, 0, 0], 3), { reduce: 'mean-abs', mirrored: false });
  assert.equal(text, 'layer3.1, F(x): strongest at the lower left; mean 0.222, max 2.00; 4 channels of 3×3');
  const zeros = describe('layer3.1', 'F(x)', map([0], 1), { reduce: { channel: 2 }, mirrored: false });
  assert.equal(zeros, 'layer3.1, F(x): 0 everywhere; channel 2 of 4 channels of 1×1');
});

test('only means and single channels add up', () => {
  assert.deepEqual([addsUp('mean'), addsUp({ channel: 0 })], [true, true]);
  assert.deepEqual([addsUp('mean-abs'), addsUp('max-abs')], [false, false]);
});
