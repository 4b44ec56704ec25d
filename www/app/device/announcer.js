/**
 * Announcements for screen readers: the top answer when it changes, at most every two seconds. A change
 * within the two seconds is announced at their end, if it still holds.
 */

const PAUSE_MS = 2000;

export class Announcer {
  #said = '';
  #next = '';
  #free = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #say;
  #clock;

  /**
   * @param {(text: string) => void} say
   * @param {() => number} [clock] ms
   */
  constructor(say, clock = () => performance.now()) {
    this.#say = say;
    this.#clock = clock;
  }

  /**
   * @param {string} top the top answer, whose change is announced
   * @param {string} text the announcement
   */
  hear(top, text) {
    clearTimeout(this.#timer);
    if (top === this.#said) return;
    this.#next = text;
    const wait = this.#free - this.#clock();
    if (wait <= 0) this.#speak(top);
    else this.#timer = setTimeout(() => this.#speak(top), wait);
  }

  /** @param {string} top */
  #speak(top) {
    this.#said = top;
    this.#free = this.#clock() + PAUSE_MS;
    this.#say(this.#next);
  }
}
