/** Files that the browser saves. */

/** How long a file is kept for browsers that read it late, ms. */
const KEPT_MS = 60_000;

/** @param {Blob} blob @param {string} name of the file */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
