// Calls that overlap keep their order, whatever each of them takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Turns } from '../../www/lib/shared/queue.js';

const settled = () => new Promise(setImmediate);

/** A promise that is ended by hand. */
function open() {
  /** @type {{promise: Promise<any>, resolve(value: any): void, reject(error: any): void}} */
  const ends = /** @type {any} */ ({});
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return ends;
}

/** Three calls whose steps are ended by hand; what has happened so far is in `log`. */
function start() {
  const turns = new Turns();
  /** @type {string[]} */
  const log = [];
  const calls = ['a', 'b', 'c'].map((name) => {
    const [prepared, computed] = [open(), open()];
    const prepare = () => {
      log.push(`prepare ${name}`);
      return prepared.promise;
    };
    const begin = (/** @type {string} */ input) => {
      log.push(`begin ${name} with ${input}`);
      return computed.promise;
    };
    const outcome = turns.run(prepare, begin).then(
      (answer) => log.push(`${name} is ${answer}`),
      (error) => log.push(`${name} failed: ${error}`),
    );
    return { prepared, computed, outcome };
  });
  return { calls, log };
}

test('all are prepared at once, begin in their order, and end in their order', async () => {
  const { calls: [a, b, c], log } = start();
  const all = ['prepare a', 'prepare b', 'prepare c'];
  c.prepared.resolve('C');
  b.prepared.resolve('B');
  await settled();
  assert.deepEqual(log, all);
  a.prepared.resolve('A');
  await settled();
  all.push('begin a with A', 'begin b with B', 'begin c with C');
  assert.deepEqual(log, all);
  b.computed.resolve(2);
  c.computed.resolve(3);
  await settled();
  assert.deepEqual(log, all);
  a.computed.resolve(1);
  await settled();
  assert.deepEqual(log, [...all, 'a is 1', 'b is 2', 'c is 3']);
});

test('what fails is told in its turn, and holds nobody up', async () => {
  const { calls: [a, b, c], log } = start();
  b.prepared.reject('no picture');
  await settled(); // Node would end the test for a rejection that nobody hears
  a.prepared.resolve('A');
  c.prepared.resolve('C');
  c.computed.resolve(3);
  await settled();
  assert.deepEqual(log.slice(3), ['begin a with A', 'begin c with C']);
  a.computed.reject('no answer');
  await settled();
  assert.deepEqual(log.slice(5), ['a failed: no answer', 'b failed: no picture', 'c is 3']);
});
