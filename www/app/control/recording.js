/**
 * The recording of a take: a few camera frames per second, without near copies; or the still on display.
 *
 * @typedef {import('../../teach.js').Example} Example
 * @typedef {import('../../teach.js').Teacher} Teacher
 * @typedef {import('./lens.js').Lens} Lens
 */

import { cosine } from '../../teach.js';
import { nextFrame } from '../device/camera.js';

/** Time between two examples, ms. */
const PAUSE_MS = 200;

/** The most examples of a take. */
const MOST = 40;

/** The cosine with the previous example above which a frame is a near copy that teaches nothing. */
const ALIKE = 0.995;

/**
 * @param {object} take
 * @param {Lens} take.lens
 * @param {HTMLVideoElement} take.video
 * @param {Teacher} take.teacher
 * @param {string} take.label
 * @param {string} take.take its name
 * @param {AbortSignal} take.signal ends it; at least one frame is taken
 * @param {() => boolean} take.live whether the camera runs: a still is one example
 * @param {(count: number, alike: number) => void} take.onExample called after each frame
 */
export async function recordTake({ lens, video, teacher, label, take, signal, live, onExample }) {
  /** @type {Example|null} */
  let last = null;
  let [count, alike] = [0, 0];
  do {
    const begun = performance.now();
    const source = await picture(lens, live() ? video : null, signal);
    if (!source) return;
    const example = await teacher.show(label, source, { take, thumbnail: true });
    if (source instanceof ImageBitmap) source.close();
    if (last && cosine(last.features, example.features) > ALIKE) {
      teacher.forget(example.id);
      alike += 1;
    } else {
      last = example;
      count += 1;
    }
    onExample(count, alike);
    await pause(begun + PAUSE_MS - performance.now(), signal);
  } while (live() && !signal.aborted && count < MOST);
}

/**
 * Returns the camera's next frame, not the last answered one, which may show an earlier object; or a copy of
 * the still.
 * @param {Lens} lens
 * @param {HTMLVideoElement|null} video null: the camera does not run
 * @param {AbortSignal} signal
 */
async function picture(lens, video, signal) {
  if (!video) return (await lens.hold())?.picture ?? null;
  // A press may end before the next frame comes.
  if (!signal.aborted) await nextFrame(video, signal);
  return video;
}

/** @param {number} time ms @param {AbortSignal} signal ends it earlier @returns {Promise<void>} */
function pause(time, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, time));
    signal.addEventListener('abort', done);
  });
}
