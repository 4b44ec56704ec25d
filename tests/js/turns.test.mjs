// Tasks of a lab's worker take turns: each computes one slice at a time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../www/lib/worker/turns.js';

/** Runs tasks with these numbers of slices; resolves with their order. @param {Record<string, number>} slices */
function run(slices, turns = new Turns((error) => assert.fail(String(error)))) {
  /** @type {string[]} */
  const order = [];
  const tasks = Object.entries(slices).map(([name, count]) => () => {
    order.push(name);
    return --count > 0;
  });
  tasks.forEach((task) => turns.add(task));
  return { order, tasks, turns };
}

/** Resolves after a task that is added now has had its turn. @param {Turns} turns */
const turn = (turns) => new Promise((resolve) => turns.add(() => (resolve(null), false)));

test('tasks take turns, and a longer one goes on alone', async () => {
  const { order, turns } = run({ first: 2, a: 3, b: 2 });
  while (order.length < 7) await turn(turns);
  assert.deepEqual(order.filter((name) => name !== 'first'), ['a', 'b', 'a', 'b', 'a']);
});

test('a task that is removed gets no further turn', async () => {
  const { order, tasks, turns } = run({ a: 1e9, b: 1e9 });
  for (const task of tasks) turns.remove(task);
  const before = order.length;
  await turn(turns);
  await turn(turns);
  assert.equal(order.length, before);
});

test('messages arrive even though tasks never finish', async () => {
  const { tasks, turns } = run({ a: Infinity });
  await new Promise((resolve) => setTimeout(resolve));
  turns.remove(tasks[0]);
});

test('an error that a task throws is reported, and the others go on', async () => {
  /** @type {unknown[]} */
  const errors = [];
  const turns = new Turns((error) => errors.push(error));
  const thrown = new Error('a trap');
  turns.add(() => {
    throw thrown;
  });
  await turn(turns);
  assert.deepEqual(errors, [thrown]);
});
