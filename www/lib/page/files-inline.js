// The library's files inside its script: replaces `files.js` in the package's entry `reslens/inline`.

import { WASM, WORKER } from './inline-data.js';
import { startByUrl } from './script-url.js';

/** @import { Files } from './files.js' */

/** Where the worker comes from, for error messages. */
export const COPY_FILES = "it comes within the library's script, from a blob: URL";

/** Whether the files are inside the script. */
export const INLINE = true;

/** @param {string} base64 */
const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The unpacked files. @type {Files | undefined} */
let files;

/** @returns {Files} */
export function locate() {
  files ??= {
    worker: URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' })),
    wasm: Object.fromEntries(Object.entries(WASM).map(([name, packed]) => [name, new Blob([bytes(packed)])])),
    inFolder: true,
  };
  return files;
}

/**
 * @param {Files} files
 * @param {string} [policy]
 * @returns {Worker}
 */
export const startWorker = ({ worker }, policy = 'reslens') => startByUrl(worker, policy);
