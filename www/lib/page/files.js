// The addresses of the library's files, and the start of a worker from one of them. No other file has addresses,
// except the lab's.
//
// Each address is written out as `new URL('./name', import.meta.url)`, relative to the bundled library. Bundlers
// recognise only this form; they copy the file and insert its new address. For the same reason `import.meta.url`
// never appears by itself, and no code asks for a folder's address.

import { failure, messageOf } from '../shared/errors.js';
import { startByUrl } from './script-url.js';

/** @import { WasmSources } from '../shared/protocol.js' */

/**
 * The library's files.
 * @typedef {object} Files
 * @property {string} worker the absolute URL of `worker.js`
 * @property {WasmSources} wasm
 * @property {boolean} inFolder whether they are in a known folder, rather than where a bundler put them
 */

/** The advice when the files are missing. */
export const COPY_FILES =
  "a bundler that does not copy the library's files needs help: import 'reslens/inline', or run " +
  "`npx reslens copy public/reslens` and pass assets: '/reslens/'";

/** Whether the wasm files are inside the script. */
export const INLINE = false;

/**
 * Finds the library's files.
 * @param {URL | null} assets their folder; null: beside the library
 * @returns {Files} throws `BackendUnavailable` if their addresses are unknown
 */
export const locate = (assets) => locateAmong(assets, inFolder, beside);

/**
 * Finds files in a known folder, or beside the library.
 * @template F
 * @param {URL | null} assets their folder; null: beside the library
 * @param {(folder: URL) => F} inFolder
 * @param {() => F} beside
 * @returns {F} throws `BackendUnavailable` if addresses cannot be made: a script that is not a module has no `import.meta`
 */
export function locateAmong(assets, inFolder, beside) {
  if (assets) return inFolder(assets);
  try {
    const folder = prebundledFolder();
    return folder ? inFolder(folder) : beside();
  } catch (error) {
    const message = `the library does not know where its files are (${messageOf(error)}): ${COPY_FILES}`;
    throw failure('BackendUnavailable', message, error);
  }
}

/** @param {URL} folder @returns {Files} */
function inFolder(folder) {
  const at = (/** @type {string} */ name) => new URL(name, folder).href;
  return {
    worker: at('worker.js'),
    wasm: {
      'reslens-cpu-relaxed': at('reslens-cpu-relaxed.wasm'),
      'reslens-cpu-relaxed-threads': at('reslens-cpu-relaxed-threads.wasm'),
      'reslens-cpu-simd128': at('reslens-cpu-simd128.wasm'),
      'reslens-cpu-simd128-threads': at('reslens-cpu-simd128-threads.wasm'),
      'reslens-import': at('reslens-import.wasm'),
      'reslens-train': at('reslens-train.wasm'),
      'reslens-webgpu': at('reslens-webgpu.wasm'),
    },
    inFolder: true,
  };
}

/** @returns {Files} */
const beside = () => ({
  worker: absolute(new URL('./worker.js', import.meta.url)),
  wasm: {
    'reslens-cpu-relaxed': absolute(new URL('./reslens-cpu-relaxed.wasm', import.meta.url)),
    'reslens-cpu-relaxed-threads': absolute(new URL('./reslens-cpu-relaxed-threads.wasm', import.meta.url)),
    'reslens-cpu-simd128': absolute(new URL('./reslens-cpu-simd128.wasm', import.meta.url)),
    'reslens-cpu-simd128-threads': absolute(new URL('./reslens-cpu-simd128-threads.wasm', import.meta.url)),
    'reslens-import': absolute(new URL('./reslens-import.wasm', import.meta.url)),
    'reslens-train': absolute(new URL('./reslens-train.wasm', import.meta.url)),
    'reslens-webgpu': absolute(new URL('./reslens-webgpu.wasm', import.meta.url)),
  },
  inFolder: false,
});

/** Turbopack's addresses have no origin. @param {URL} address */
export const absolute = ({ href }) => new URL(href, location.href).href;

/**
 * Returns the folder with the files if Vite's development server has moved only the library's script to another
 * folder, as it does up to version 7.
 */
function prebundledFolder() {
  const moved = /^(.*\/)\.vite\/deps[^/]*\//.exec(new URL('./worker.js', import.meta.url).href);
  return moved && new URL('reslens/dist/', moved[1]);
}

/**
 * Starts a worker.
 * @param {Files} files
 * @param {string} [policy] for pages that require trusted types
 * @returns {Worker}
 */
export function startWorker({ worker, inFolder }, policy = 'reslens') {
  if (new URL(worker).origin !== location.origin) return startForeign(worker, policy);
  if (inFolder) return startByUrl(worker, policy);
  try {
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'reslens' });
  } catch {
    // A page that requires trusted types refuses plain addresses, and bundlers recognise no others.
    return startByUrl(worker, policy);
  }
}

/**
 * Starts a worker from another origin. Browsers refuse that, so a script of this origin imports the code, by
 * `import()`, which policies check against script-src; a static import would be checked against worker-src.
 * Messages that arrive before the code has loaded are kept for it.
 * @param {string} url
 * @param {string} policy
 */
function startForeign(url, policy) {
  const script = `const early = [];
let refused = '';
onmessage = (event) => early.push(event);
addEventListener('securitypolicyviolation', (event) => { refused ||= event.effectiveDirective.replace(/-elem$/, ''); });
import(${JSON.stringify(url)}).then(
  () => early.forEach((event) => onmessage(event)),
  (error) => setTimeout(() => {
    throw refused ? new Error("the page's content security policy refuses it; allow it in " + refused) : error;
  }),
);
`;
  const own = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return startByUrl(own, policy);
}
