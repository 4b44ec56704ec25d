// Firefox notices a GPU's results late: the library submits empty work while it waits for something, and only then.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { keepAwake } from '../../www/lib/worker/awake.js';

const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
afterEach(() => {
  mock.timers.reset();
  if (own) Object.defineProperty(globalThis, 'navigator', own);
  else Reflect.deleteProperty(globalThis, 'navigator');
});

/** The number of submissions in such a browser, during the wait and after it ends. */
function submissions(userAgent) {
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent }, configurable: true });
  /** @type {unknown[]} */
  const given = [];
  const device = /** @type {any} */ ({ queue: { submit: (/** @type {unknown} */ work) => given.push(work) } });
  const devices = [device];
  const sleep = keepAwake(devices);
  mock.timers.tick(20);
  const during = given.length;
  devices.pop(); // lost
  mock.timers.tick(20);
  devices.push(device);
  sleep();
  mock.timers.tick(20);
  assert.ok(given.every((work) => Array.isArray(work) && work.length === 0));
  return { during, after: given.length - during };
}

test('in Firefox, empty work is submitted during a wait, while there is a device', () => {
  const found = submissions('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0');
  assert.deepEqual(found, { during: 5, after: 0 });
});

test('in other browsers, no empty work is submitted', () => {
  const found = submissions('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36');
  assert.deepEqual(found, { during: 0, after: 0 });
});
