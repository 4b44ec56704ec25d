// The arithmetic of teaching, without a browser: the discriminant against numpy's, calibration, leaving out, intervals.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { calibrate, softmax } from '../../www/lib/teach/calibration.js';
import { factorise, gram, solve } from '../../www/lib/teach/cholesky.js';
import { fit, logits, shrinkage } from '../../www/lib/teach/discriminant.js';
import { wilson } from '../../www/lib/teach/examination.js';
import { fromHalf, toHalf } from '../../www/lib/teach/half.js';
import { spread } from '../../www/lib/teach/left-out.js';
import { Novelty } from '../../www/lib/teach/novelty.js';

const fixtures = JSON.parse(await readFile(new URL('../fixtures/discriminant.json', import.meta.url), 'utf8'));

for (const { features, classes, asked, logits: expected } of fixtures) {
  const [n, d] = [features.length, features[0].length];
  const examples = { features: features.map((row) => Float32Array.from(row)), classes, count: 3 };

  test(`the discriminant of ${n} examples in ${d} dimensions is numpy's`, () => {
    const head = fit(examples);
    asked.forEach((row, i) => {
      const found = logits(head, Float32Array.from(row));
      const mean = found.reduce((sum, value) => sum + value, 0) / 3;
      const largest = Math.max(...expected[i].map(Math.abs));
      found.forEach((value, j) => assert.ok(Math.abs(value - mean - expected[i][j]) < 1e-5 * largest, `${i}, ${j}: ${value - mean}`));
    });
  });

  test(`the same ${n} examples give the same bits`, () => {
    const copy = { ...examples, features: examples.features.map((row) => row.slice()) };
    assert.deepEqual(fit(copy), fit(examples));
    const takes = classes.map(String);
    assert.deepEqual(calibrate(copy, takes), calibrate(examples, takes));
  });
}

test('the length of an example’s features does not affect its class', () => {
  const { features, classes, asked } = fixtures[0];
  const examples = { features: features.map((row) => Float32Array.from(row)), classes, count: 3 };
  const length = (row) => Math.hypot(...row);
  const longer = examples.features.map((row, i) => row.map((value) => value * 2 ** (i % 4)));
  const other = { ...examples, features: longer };
  const mean = (rows) => rows.reduce((sum, row) => sum + length(row), 0) / rows.length;
  const ratio = mean(longer) / mean(examples.features);
  const [head, otherHead, novelty, otherNovelty] = [fit(examples), fit(other), new Novelty(examples), new Novelty(other)];
  for (const row of asked) {
    const expected = logits(head, Float32Array.from(row));
    const found = logits(otherHead, Float32Array.from(row, (value) => value * ratio));
    found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-5 * Math.max(...expected.map(Math.abs)), `${value} ${expected[i]}`));
    const near = novelty.nearness(Float32Array.from(row));
    assert.ok(Math.abs(otherNovelty.nearness(Float32Array.from(row, (value) => 8 * value)) - near) < 1e-6);
  }
});

test('the covariance’s weight grows with the number of examples, up to one half', () => {
  assert.equal(shrinkage(0, 512), 1);
  assert.ok(Math.abs(shrinkage(195, 512) - 0.84) < 0.001, '40 examples of 5 classes');
  assert.equal(shrinkage(5000, 512), 0.5);
});

test("Cholesky's factor solves a linear system", () => {
  const rows = [[4, 1, 0, 2], [1, 3, 1, 0], [0, 1, 5, 1], [2, 0, 1, 6]].map((row) => Float64Array.from(row));
  const matrix = gram(rows);
  const full = (i, j) => (i >= j ? matrix[i][j] : matrix[j][i]);
  const x = [1, -2, 3, 0.5];
  const b = Float64Array.from(x, (_, i) => x.reduce((sum, value, j) => sum + value * full(i, j), 0));
  factorise(matrix);
  solve(matrix, b).forEach((value, i) => assert.ok(Math.abs(value - x[i]) < 1e-12));
});

test('a class of one example, and examples without any spread, still give a head', () => {
  const at = (...values) => Float32Array.from(values);
  for (const features of [[at(1, 0), at(0, 1)], [at(1, 0), at(1, 0), at(0, 1)], [at(1, 1), at(1, 1)]]) {
    const examples = { features, classes: features.map((_, i) => Number(i === features.length - 1)), count: 2 };
    const head = fit(examples);
    assert.ok(logits(head, at(0.9, 0.1)).every(Number.isFinite), JSON.stringify(head));
    const { temperature, abstainBelow, nearEnough } = calibrate(examples, features.map(String));
    assert.ok(temperature > 0 && abstainBelow <= 1 && nearEnough <= 1);
  }
});

test('two classes far from each other are distinguished, and other features are far from both', () => {
  const examples = {
    features: [[5, 0, 0], [5, 1, 0], [4, 0, 0], [0, 5, 0], [1, 5, 0], [0, 4, 0]].map((row) => Float32Array.from(row)),
    classes: [0, 0, 0, 1, 1, 1],
    count: 2,
  };
  const head = fit(examples);
  const [a, b] = logits(head, Float32Array.of(4, 1, 0));
  assert.ok(a > b);
  const novelty = new Novelty(examples);
  assert.ok(novelty.nearness(Float32Array.of(6, 0, 0)) > 0.9);
  assert.ok(novelty.nearness(Float32Array.of(2.5, 2.5, 5)) < 0.2);
});

test('a class never loses all of its groups in a round', () => {
  for (const counts of [[2, 2], [1, 3], [7, 2, 1, 4], [25, 25]]) {
    const classes = counts.flatMap((count, index) => Array(2 * count).fill(index));
    const groups = counts.flatMap((count, index) => Array.from({ length: 2 * count }, (_, i) => `${index} ${i % count}`));
    const folds = spread(classes, groups, 20);
    counts.forEach((count, index) => {
      const own = folds.filter((_, i) => classes[i] === index);
      if (count === 1) assert.deepEqual(own, [null, null]);
      else assert.ok(new Set(own).size > 1, `${counts}: class ${index} is left out whole`);
    });
    groups.forEach((group, i) => assert.equal(folds[i], folds[groups.indexOf(group)], 'a group stays together'));
  }
});

test('probabilities are a softmax, and a higher temperature is less sure', () => {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  for (const temperature of [0.1, 1, 100]) assert.ok(Math.abs(sum(softmax([3, -2, 1000], temperature)) - 1) < 1e-12);
  assert.ok(softmax([2, 1], 1)[0] > softmax([2, 1], 3)[0]);
});

test("Wilson's interval", () => {
  // Newcombe 1998, table I: 81 of 263, and 0 of 20.
  const rounded = (rights, count) => wilson(rights, count).map((value) => Number(value.toFixed(4)));
  assert.deepEqual(rounded(81, 263), [0.2553, 0.3662]);
  assert.deepEqual(rounded(0, 20), [0, 0.1611]);
});

test('half-precision numbers are those of IEEE 754', () => {
  for (let half = 0; half < 65536; half++) {
    const value = fromHalf(half);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(fromHalf(toHalf(value))));
    else assert.equal(toHalf(value), half, String(half));
  }
  // Halfway between 1 and its neighbour, between 65504 and infinity, between 0 and the smallest number: rounds to even.
  for (const [value, half] of [[1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [65519, 0x7bff], [65520, 0x7c00], [2 ** -25, 0], [3 * 2 ** -25, 2], [-(2 ** -24), 0x8001]]) {
    assert.equal(toHalf(value), half, String(value));
  }
});
