// The camera's frames as the page waits for them.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Camera, nextFrame } from '../../www/app/device/camera.js';

test('a received frame leaves no listener behind, and a stop ends the wait', async () => {
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

/** Simulates a browser with these cameras; the first one is its default. */
function browser(/** @type {string[]} */ labels, { named = true } = {}) {
  const asked = /** @type {any[]} */ ([]);
  const tracks = /** @type {any[]} */ ([]);
  let allowed = named;
  const mediaDevices = {
    enumerateDevices: async () => labels.map((label, index) => ({ kind: 'videoinput', deviceId: `id ${index}`, label: allowed ? label : '' })),
    async getUserMedia(/** @type {any} */ { video }) {
      asked.push(video);
      const index = video.deviceId ? Number(video.deviceId.exact.slice(3)) : 0;
      if (!labels[index]) throw Object.assign(new Error('deviceId'), { name: 'OverconstrainedError' });
      allowed = true;
      const track = Object.assign(new EventTarget(), {
        label: labels[index], muted: false, ended: false,
        getSettings: () => ({ deviceId: `id ${index}` }),
        stop() { this.ended = true; },
      });
      tracks.push(track);
      return { getVideoTracks: () => [track], getTracks: () => [track] };
    },
  };
  Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices }, configurable: true });
  return { asked, tracks, open: () => tracks.filter(({ ended }) => !ended).map(({ label }) => label) };
}

/** @type {Map<string, string>} */
const kept = new Map();
Object.defineProperty(globalThis, 'localStorage', {
  value: { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value) },
  configurable: true,
});

function camera() {
  const told = /** @type {string[]} */ ([]);
  const video = /** @type {any} */ ({ srcObject: null, play: async () => {} });
  const listener = { unplugged: () => told.push('unplugged'), muted: (/** @type {boolean} */ muted) => told.push(muted ? 'muted' : 'back') };
  return { camera: new Camera(video, listener), told };
}

test('the chosen camera is used again, even with a new id and before any permission', async () => {
  kept.clear();
  browser(['front', 'back']);
  await camera().camera.start(256, 'id 1');
  for (const named of [true, false]) {
    const { open } = browser(['usb', 'front', 'back'], { named });
    await camera().camera.start(256);
    assert.deepEqual(open(), ['back'], `names known: ${named}`);
  }
});

test('without the chosen camera another one is used, the one that faces away if there is one', async () => {
  kept.clear();
  browser(['front', 'back']);
  await camera().camera.start(256, 'id 1');
  const { asked, open } = browser(['usb'], { named: false });
  await camera().camera.start(256);
  assert.deepEqual(open(), ['usb']);
  assert.equal(asked[0].facingMode, 'environment');
});

test('if a camera has gone since it was listed, another one is used', async () => {
  kept.clear();
  const { open } = browser(['front']);
  await camera().camera.start(256, 'id 7');
  assert.deepEqual(open(), ['front']);
});

test('no more pixels are requested than the model needs', async () => {
  for (const [side, width, height] of [[64, 640, 480], [480, 640, 480], [512, 1280, 720], [1024, 1920, 1080], [4096, 1920, 1080]]) {
    const { asked } = browser(['front']);
    await camera().camera.start(side);
    assert.deepEqual([asked[0].width, asked[0].height], [{ ideal: width }, { ideal: height }], `${side}`);
  }
});

test('a camera reports when it sends nothing, and when it is gone', async () => {
  const { tracks } = browser(['front']);
  const { camera: running, told } = camera();
  await running.start(256);
  const [track] = tracks;
  for (const muted of [true, false]) {
    track.muted = muted;
    assert.equal(running.muted, muted);
    track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
  track.dispatchEvent(new Event('ended'));
  assert.deepEqual(told, ['muted', 'back', 'unplugged']);
  running.stop();
  track.muted = true;
  track.dispatchEvent(new Event('mute'));
  assert.equal(told.length, 3, 'a camera that was stopped says nothing');
});
