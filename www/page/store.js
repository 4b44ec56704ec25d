/** The page's state. Every change is seen at once; drawing waits for the next animation frame. */

/** @typedef {import('./types.js').State} State */

export class Store {
  /** @type {((state: State) => void)[]} */
  #views = [];
  #scheduled = false;
  #changed;

  /**
   * @param {State} state
   * @param {(state: State) => void} changed called with every change, also in a hidden tab
   */
  constructor(state, changed) {
    this.state = state;
    this.#changed = changed;
    changed(state);
  }

  /** @param {(state: State) => void} draw called once in an animation frame after any changes */
  onDraw(draw) {
    this.#views.push(draw);
    this.#schedule();
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.state = { ...this.state, ...changes };
    this.#changed(this.state);
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      for (const draw of this.#views) draw(this.state);
    });
  }
}

/** @returns {State} */
export function initialState() {
  return {
    phase: 'loading',
    progress: new Map(),
    notice: null,
    hint: '',
    model: null,
    backend: null,
    subject: null,
    answer: null,
    fps: null,
    cameras: [],
    settings: { reduce: 'mean-abs', scale: 'block', smooth: false, steady: true },
    ablate: [],
    block: null,
    closeReduce: { channel: 0 },
    closeVisible: false,
    pointed: null,
  };
}
