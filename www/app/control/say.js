/**
 * Shows notices, unless a more important one says why there is no classifier and what to do.
 *
 * @typedef {import('../device/store.js').Store} Store
 */

/** Shows a text, unless a notice says why there is no classifier. @param {Store} store @param {string} text */
export function say(store, text) {
  const { phase, answer } = store.state;
  if (phase !== 'error' || answer) store.set({ notice: { text } });
}
