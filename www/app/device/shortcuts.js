/** Keys that belong to no control. */

/**
 * Runs keys while no control has the focus.
 * @param {Record<string, () => void>} keys by `KeyboardEvent.key`
 */
export function listenForKeys(keys) {
  document.addEventListener('keydown', (event) => {
    const free = document.activeElement === document.body || document.activeElement === null;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const run = keys[event.key];
    if (!free || !plain || event.repeat || !run) return;
    event.preventDefault();
    run();
  });
}
