// Overlapping calls keep their order, however long each of them takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Queue } from '../../www/lib/shared/queue.js';

const settled = () => new Promise(setImmediate);

/** A promise that the test settles by hand. */
function open() {
  /** @type {{promise: Promise<any>, resolve(value: any): void, reject(error: any): void}} */
  const ends = /** @type {any} */ ({});
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return ends;
}

/**
 * Three calls whose steps the test settles by hand; `log` has what has happened so far.
 * @param {any} [options] of the queue
 */
function start(options) {
  const queue = new Queue(options);
  /** @type {string[]} */
  const log = [];
  const calls = ['a', 'b', 'c'].map((name) => {
    const [prepared, computed] = [open(), open()];
    const controller = new AbortController();
    const prepare = () => {
      log.push(`prepare ${name}`);
      return prepared.promise;
    };
    const begin = (/** @type {string} */ input) => {
      log.push(`begin ${name} with ${input}`);
      return computed.promise;
    };
    const outcome = queue.run(prepare, begin, controller.signal).then(
      (answer) => log.push(`${name} is ${answer}`),
      (error) => log.push(`${name} failed: ${error}`),
    );
    return { prepared, computed, controller, outcome };
  });
  return { queue, calls, log };
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

test('a failure is reported in its turn, and blocks no other call', async () => {
  const { calls: [a, b, c], log } = start();
  b.prepared.reject('no picture');
  await settled(); // Node would end the test for an unhandled rejection
  a.prepared.resolve('A');
  c.prepared.resolve('C');
  c.computed.resolve(3);
  await settled();
  assert.deepEqual(log.slice(3), ['begin a with A', 'begin c with C']);
  a.computed.reject('no answer');
  await settled();
  assert.deepEqual(log.slice(5), ['a failed: no answer', 'b failed: no picture', 'c is 3']);
});

test('no more calls begin at a time than there is room for at that time', async () => {
  let capacity = 1;
  const { calls: [a, b, c], log } = start({ capacity: () => capacity });
  for (const { prepared } of [a, b, c]) prepared.resolve('it');
  await settled();
  assert.deepEqual(log.slice(3), ['begin a with it']);
  capacity = 2;
  a.computed.resolve(1);
  await settled();
  assert.deepEqual(log.slice(4).sort(), ['a is 1', 'begin b with it', 'begin c with it']);
});

test('a call is told when the calls before it have ended', async () => {
  const queue = new Queue();
  const first = open();
  const ready = async () => {};
  /** @type {string[]} */
  const log = [];
  const one = queue.run(ready, () => first.promise);
  const two = queue.run(ready, async (_, before) => {
    log.push('begun');
    await before;
    log.push('alone');
  });
  await settled();
  assert.deepEqual(log, ['begun']);
  first.reject(new Error('no'));
  await assert.rejects(one, { message: 'no' });
  await two;
  assert.deepEqual(log, ['begun', 'alone']);
});

test('a call that is aborted while it waits never begins, frees what it prepared, and blocks nothing', async () => {
  /** @type {string[]} */
  const freed = [];
  const { calls: [a, b, c], log } = start({ discard: (/** @type {string} */ input) => freed.push(input) });
  a.prepared.resolve('A');
  c.prepared.resolve('C');
  await settled();
  b.controller.abort();
  await settled();
  assert.deepEqual(log.slice(4), ['b failed: AbortError: aborted by its signal', 'begin c with C']);
  assert.deepEqual(freed, []);
  b.prepared.resolve('B');
  await settled();
  assert.deepEqual(freed, ['B']);
});

test('a call that is aborted in flight is rejected at once, and takes up room until it ends', async () => {
  const { calls: [a, b, c], log } = start({ capacity: () => 1 });
  for (const { prepared } of [a, b, c]) prepared.resolve('it');
  await settled();
  a.controller.abort();
  await settled();
  assert.deepEqual(log.slice(3), ['begin a with it', 'a failed: AbortError: aborted by its signal']);
  a.computed.resolve(1);
  await settled();
  assert.deepEqual(log.slice(5), ['begin b with it']);
});

test('if the queue fails early, a call that cannot be prepared is rejected at once', async () => {
  const { calls: [a, b], log } = start({ failsEarly: true });
  b.prepared.reject('no picture');
  await settled();
  assert.deepEqual(log.slice(3), ['b failed: no picture']);
  a.prepared.resolve('A');
  await settled();
  assert.deepEqual(log.slice(4), ['begin a with A']);
});

test('a failed condition for a call to begin rejects that call only', async () => {
  const answers = [async () => {}, () => Promise.reject('no worker'), async () => {}];
  const { calls: [a, b, c], log } = start({ ready: () => answers.shift()?.() });
  for (const { prepared, computed } of [a, b, c]) {
    prepared.resolve('it');
    computed.resolve('done');
  }
  await settled();
  assert.deepEqual(log.slice(3), ['begin a with it', 'a is done', 'begin c with it', 'b failed: no worker', 'c is done']);
});

test('clearing the queue rejects all calls at once; waiting calls never begin, later ones do', async () => {
  const { queue, calls: [a, b], log } = start();
  a.prepared.resolve('A');
  await settled();
  queue.clear('disposed');
  await settled();
  const failed = ['a failed: disposed', 'b failed: disposed', 'c failed: disposed'];
  assert.deepEqual(log.slice(4), failed);
  a.computed.resolve(1);
  b.prepared.resolve('B');
  await settled();
  assert.deepEqual(log.slice(7), []);
  assert.equal(await queue.run(async () => 'D', async (input) => input), 'D');
});

test('answers are not kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const queue = new Queue();
  const answers = [];
  for (let call = 0; call < 3; call++) {
    answers.push(new WeakRef(await queue.run(async () => {}, async () => ({ call }))));
  }
  await queue.run(async () => {}, async () => {});
  await settled();
  collect();
  assert.deepEqual(answers.map((answer) => answer.deref()), [undefined, undefined, undefined]);
});
