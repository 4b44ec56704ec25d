/** One camera stream on one video element. Rejections are the browser's own. */

import { chosenCamera, idOfLabel, rememberCamera } from './camera-choice.js';

/** Sizes to request: the smallest one that suffices for the model is used. @type {readonly [number, number][]} */
const SIZES = [[640, 480], [1280, 720], [1920, 1080]];

/**
 * Listeners for a camera's events.
 * @typedef {object} CameraListener
 * @property {() => void} unplugged the device goes away
 * @property {(muted: boolean) => void} muted it sends nothing, or does so again
 */

export class Camera {
  /** @type {MediaStream|null} */
  #stream = null;
  /** Counts attempts, so that a permission given later does not undo a stop. */
  #attempt = 0;
  #video;
  #listener;

  /**
   * @param {HTMLVideoElement} video
   * @param {CameraListener} listener
   */
  constructor(video, listener) {
    this.#video = video;
    this.#listener = listener;
  }

  /** The running track's settings, or null. */
  get settings() {
    return this.#track?.getSettings() ?? null;
  }

  /** Whether it runs but sends nothing: another program uses it, or a switch is off. */
  get muted() {
    return this.#track?.muted ?? false;
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /**
   * Requests a camera and plays it.
   * @param {number} side the desired minimum of a frame's shorter side, in pixels
   * @param {string} [deviceId] default: the one that was chosen last, or else the one that looks away from the
   *   visitor, if there is one
   * @returns {Promise<boolean>} false if it was stopped in the meantime
   */
  async start(side, deviceId) {
    this.stop();
    const attempt = this.#attempt;
    const stream = await openChosen(side, deviceId);
    if (attempt !== this.#attempt) {
      endTracks(stream);
      return false;
    }
    const [track] = stream.getVideoTracks();
    this.#stream = stream;
    if (deviceId && track.label) rememberCamera(track.label);
    track.addEventListener('ended', this.#listener.unplugged);
    for (const type of ['mute', 'unmute']) {
      track.addEventListener(type, () => track === this.#track && this.#listener.muted(track.muted));
    }
    this.#video.srcObject = stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (attempt === this.#attempt) throw error; // otherwise a stop interrupted it
    }
    return attempt === this.#attempt;
  }

  /** Ends every track. The camera's light goes out. */
  stop() {
    this.#attempt += 1;
    if (!this.#stream) return;
    endTracks(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** Returns all cameras; their names are known once one was allowed. */
  async list() {
    const current = this.settings?.deviceId;
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, index) => ({
        id: deviceId,
        label: label || `camera ${index + 1}`,
        current: deviceId === current,
      }));
  }
}

/**
 * Returns a stream of the requested camera, or of another one if that is gone.
 * @param {number} side
 * @param {string} [deviceId]
 * @returns {Promise<MediaStream>}
 */
async function openChosen(side, deviceId) {
  const label = deviceId ? null : chosenCamera();
  const wanted = deviceId ?? (label ? idOfLabel(await navigator.mediaDevices.enumerateDevices(), label) : undefined);
  const stream = await open(side, wanted).catch((error) => {
    if (!wanted || error.name !== 'OverconstrainedError') throw error;
    return open(side);
  });
  if (!label || wanted) return stream;
  // Devices have labels only now that a camera was allowed.
  const chosen = idOfLabel(await navigator.mediaDevices.enumerateDevices(), label);
  if (!chosen || chosen === stream.getVideoTracks()[0].getSettings().deviceId) return stream;
  endTracks(stream);
  return open(side, chosen);
}

/**
 * @param {number} side
 * @param {string} [deviceId]
 */
function open(side, deviceId) {
  const [width, height] = SIZES.find(([, rows]) => rows >= side) ?? SIZES[SIZES.length - 1];
  const device = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'environment' };
  const video = { ...device, width: { ideal: width }, height: { ideal: height } };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

/** @param {MediaStream} stream */
function endTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Waits for a new frame.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal also resolves the wait
 * @returns {Promise<void>}
 */
export function nextFrame(video, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}
