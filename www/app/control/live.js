/**
 * The camera's frames. The next one is taken when fewer are in flight than the backend overlaps, so the
 * newest wins and none pile up: on a GPU a frame is taken and sent while the previous one is computed.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('../device/store.js').Store} Store
 */

import { Camera, nextFrame } from '../device/camera.js';
import { WakeLock } from '../device/wake-lock.js';
import { FrameRate } from '../text/frame-rate.js';
import { framesAtOnce } from '../text/state.js';
import { CAMERA_MUTED, CAMERA_NEEDS_HTTPS, CAMERA_UNPLUGGED, cameraTrouble } from '../text/messages.js';

export class Live {
  #camera;
  #video;
  #lens;
  #store;
  /** Ends the running loop. */
  #loop = new AbortController();
  /** Frames without an answer yet, in order, including those of a loop that has ended. @type {Set<Promise<void>>} */
  #underWay = new Set();
  #rate = new FrameRate();
  #screen = new WakeLock();
  #pausedByHiding = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {Lens} lens
   * @param {Store} store
   */
  constructor(video, lens, store) {
    this.#video = video;
    this.#lens = lens;
    this.#store = store;
    this.#camera = new Camera(video, {
      unplugged: () => this.#end(CAMERA_UNPLUGGED),
      muted: (muted) => this.#onMuted(muted),
    });
    document.addEventListener('visibilitychange', () => this.#onVisibility());
  }

  /** @param {string} [deviceId] */
  async start(deviceId) {
    if (!navigator.mediaDevices?.getUserMedia) return this.#lens.showError(CAMERA_NEEDS_HTTPS);
    this.#loop.abort();
    this.#store.set({ hint: 'Waiting for the camera: answer the browser’s prompt.', notice: null });
    try {
      if (!(await this.#camera.start(this.#store.state.model?.resize ?? 0, deviceId))) return;
    } catch (error) {
      return this.#end(cameraTrouble(error));
    }
    this.#lens.resetAverage();
    // Listening starts two of Chromium's processes, which a visitor without a camera does not need.
    navigator.mediaDevices.ondevicechange = () => this.#list();
    await Promise.all([this.#list(), this.resume()]);
  }

  /** Ends every track and keeps the last frame's answer. */
  stop() {
    const { phase } = this.#store.state;
    this.#halt();
    if (phase === 'live' || phase === 'paused') this.#store.set({ phase: 'ready' });
  }

  /** @param {string} [hint] the reason */
  pause(hint = 'Paused at this frame.') {
    if (this.#store.state.phase !== 'live') return;
    this.#loop.abort();
    this.#video.pause();
    this.#screen.release();
    this.#store.set({ phase: 'paused', pace: null, hint });
  }

  async resume() {
    this.#pausedByHiding = false;
    this.#loop.abort();
    this.#loop = new AbortController();
    const { signal } = this.#loop;
    this.#screen.hold();
    this.#store.set({ phase: 'live', notice: null, hint: this.#camera.muted ? CAMERA_MUTED : '' });
    try {
      await this.#video.play();
    } catch (error) {
      if (!signal.aborted) this.#end(cameraTrouble(error));
      return;
    }
    this.#rate.reset();
    while (!signal.aborted) {
      await this.#room();
      await nextFrame(this.#video, signal);
      if (signal.aborted) return;
      const taken = performance.now();
      let frame;
      try {
        frame = await this.#grab();
      } catch (error) {
        if (!signal.aborted) this.#end(cameraTrouble(error));
        return;
      }
      // Something else may have taken the camera's place meanwhile.
      if (signal.aborted) frame.source.close();
      else this.#send(frame, taken);
    }
  }

  /** Waits until another frame may be in flight. */
  async #room() {
    while (this.#underWay.size >= framesAtOnce(this.#store.state)) await Promise.race(this.#underWay);
  }

  async #grab() {
    const source = await createImageBitmap(this.#video);
    const facing = this.#camera.settings?.facingMode;
    /** @type {import('../types.js').Feed} */
    const subject = {
      kind: 'camera',
      title: 'camera',
      mirrored: facing !== 'environment',
      still: source,
    };
    return { source, subject };
  }

  /** @param {import('../types.js').Frame} frame @param {number} taken when, ms */
  #send(frame, taken) {
    const shown = this.#show(frame, taken).finally(() => this.#underWay.delete(shown));
    this.#underWay.add(shown);
  }

  /** @param {import('../types.js').Frame} frame @param {number} taken when, ms */
  async #show(frame, taken) {
    const answered = await this.#lens.show(frame);
    // While another engine is loading, the present one may have failed.
    if (!answered && !this.#store.state.loading) return this.pause('Paused: no answer to the last frame.');
    const pace = this.#rate.add(taken, performance.now());
    if (pace && this.#store.state.phase === 'live') this.#store.set({ pace });
  }

  /** @param {string} trouble */
  #end(trouble) {
    this.#halt();
    this.#store.set({ phase: 'ready' });
    this.#lens.showError(trouble);
  }

  #halt() {
    this.#pausedByHiding = false;
    this.#loop.abort();
    this.#camera.stop();
    this.#screen.release();
    this.#store.set({ pace: null, cameras: [], hint: '' });
  }

  /** @param {boolean} muted */
  #onMuted(muted) {
    if (this.#store.state.phase === 'live') this.#store.set({ pace: null, hint: muted ? CAMERA_MUTED : '' });
  }

  #onVisibility() {
    if (document.hidden && this.#store.state.phase === 'live') {
      this.pause('Paused while the page is hidden.');
      this.#pausedByHiding = true;
    } else if (!document.hidden && this.#pausedByHiding) {
      this.resume();
    }
  }

  async #list() {
    if (!this.#camera.settings) return;
    this.#store.set({ cameras: await this.#camera.list() });
  }
}
