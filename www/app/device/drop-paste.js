/** Handles files that are dropped or pasted on the page. */

/**
 * Hands dropped and pasted files to `open`.
 * @param {HTMLElement} page gets the class `dropping` while a file is dragged over it
 * @param {(files: Blob[]) => void} open
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
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    open(files);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) open(files);
  });
}
