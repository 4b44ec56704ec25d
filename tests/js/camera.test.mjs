// The camera's frames as the page waits for them.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { nextFrame } from '../../www/app/device/camera.js';

test('a frame that has come leaves no listener behind, and a stop ends the wait', async () => {
  /** @type {() => void} */
  let show = () => {};
  const video = /** @type {any} */ ({ requestVideoFrameCallback: (/** @type {() => void} */ shown) => (show = shown) });
  const stop = new AbortController();
  const frame = nextFrame(video, stop.signal);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 1);
  show();
  await frame;
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  const none = nextFrame(video, stop.signal);
  stop.abort();
  await none;
});
