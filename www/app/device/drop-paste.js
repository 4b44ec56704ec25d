/** Files that reach the page by drop and paste. */

/**
 * Hands every dropped or pasted file to `open`.
 * @param {HTMLElement} page gets the class `dropping` while a file is dragged over it
 * @param {(file: Blob) => void} open
 */
export function acceptFiles(page, open) {
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
