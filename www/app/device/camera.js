/** One camera stream on one video element. Rejections are the browser's own. */

export class Camera {
  /** @type {MediaStream|null} */
  #stream = null;
  /** Counts attempts, so that a stop is not overtaken by a permission given later. */
  #attempt = 0;
  #video;
  #unplugged;

  /**
   * @param {HTMLVideoElement} video
   * @param {() => void} unplugged called when the device goes away by itself
   */
  constructor(video, unplugged) {
    this.#video = video;
    this.#unplugged = unplugged;
  }

  /** The running track's settings, or null. */
  get settings() {
    return this.#stream?.getVideoTracks()[0].getSettings() ?? null;
  }

  /**
   * Asks for a camera and plays it.
   * @param {string} [deviceId] default: the one that looks away from the visitor, if there is one
   * @returns {Promise<boolean>} false if it was stopped meanwhile
   */
  async start(deviceId) {
    this.stop();
    const attempt = this.#attempt;
    const video = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'environment' };
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    if (attempt !== this.#attempt) {
      endTracks(stream);
      return false;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0].addEventListener('ended', this.#unplugged);
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

  /** All cameras; their names are known once one was allowed. */
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

/** @param {MediaStream} stream */
function endTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Waits for a frame that was not seen before.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal resolves the wait, too
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
