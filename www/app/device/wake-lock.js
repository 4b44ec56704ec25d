/** Keeps the screen on while a camera runs, where the browser can. It ends by itself when the page is hidden. */

export class WakeLock {
  /** @type {Promise<WakeLockSentinel|null>} */
  #lock = Promise.resolve(null);
  #held = false;

  hold() {
    if (this.#held) return;
    this.#held = true;
    // Refused on a low battery, for example; the screen then turns off as usual.
    this.#lock = navigator.wakeLock?.request('screen').catch(() => null) ?? Promise.resolve(null);
  }

  async release() {
    this.#held = false;
    const lock = await this.#lock;
    if (!this.#held) await lock?.release();
  }
}
