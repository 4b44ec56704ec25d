/** Files that reach the page by drop and paste, and keys that belong to no control. */

/**
 * @param {HTMLElement} page
 * @param {(file: Blob) => void} open
 */
export function takeFiles(page, open) {
  page.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    page.classList.add('dropping');
  });
  page.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) page.classList.remove('dropping');
  });
  page.addEventListener('drop', (event) => {
    page.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    open(file);
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file) open(file);
  });
}

/**
 * Keys that work while no control has the focus.
 * @param {Record<string, () => void>} keys by `KeyboardEvent.key`
 */
export function takeKeys(keys) {
  document.addEventListener('keydown', (event) => {
    const free = document.activeElement === document.body || document.activeElement === null;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const run = keys[event.key];
    if (!free || !plain || event.repeat || !run) return;
    event.preventDefault();
    run();
  });
}

/** A model is told from a picture by its name: the library checks its bytes. @param {Blob} file */
export function isModelFile(file) {
  return file instanceof File && /\.safetensors$/i.test(file.name);
}
