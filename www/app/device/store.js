/** The page's state. Drawing waits for the next animation frame, whatever changes before it. */

/** @typedef {import('../types.js').State} State */

export class Store {
  /** @type {((state: State) => void)[]} */
  #views = [];
  #scheduled = false;
  #drawn;

  /**
   * @param {State} state
   * @param {(state: State) => void} drawn called when the views show the state; in a hidden tab,
   *   which draws nothing, with every change
   */
  constructor(state, drawn) {
    this.state = state;
    this.#drawn = drawn;
  }

  /**
   * @param {(state: State) => void} draw called once in an animation frame after any changes
   * @returns {() => void} ends that
   */
  onDraw(draw) {
    this.#views.push(draw);
    this.#schedule();
    return () => {
      this.#views = this.#views.filter((view) => view !== draw);
    };
  }

  /** Waits until the views show a state. @param {(state: State) => boolean} wanted @returns {Promise<void>} */
  reached(wanted) {
    return new Promise((resolve) => {
      const end = this.onDraw((state) => {
        if (!wanted(state)) return;
        end();
        resolve();
      });
    });
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.state = { ...this.state, ...changes };
    if (document.hidden) this.#drawn(this.state);
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      for (const draw of this.#views) draw(this.state);
      this.#drawn(this.state);
    });
  }
}
