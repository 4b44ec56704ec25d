// Bundles the library with its worker and one of its wasm files inline in one script, for tools that copy no files.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleLibrary } from './library.mjs';

/** @import { Plugin } from 'esbuild' */
/** @import { Task } from './library.mjs' */

/** The inlined wasm file, which every browser can run. A second one, for threads, would double the script. */
const FILES = ['reslens-cpu-simd128'];

/**
 * Returns the script.
 * @param {Task} task
 * @param {string} folder of the wasm files
 */
export async function bundleInline(task, folder) {
  const wasm = FILES.map((name) => {
    const packed = gzipSync(readFileSync(path.join(folder, `${name}.wasm`)), { level: 9 });
    return [name, packed.toString('base64')];
  });
  const glues = Object.fromEntries(FILES.map((name) => [name, task.glues[name]]));
  const { library } = await bundleLibrary({ ...task, glues }, (worker) => [withinScript(worker, Object.fromEntries(wasm))]);
  return library;
}

/**
 * Makes the page's script find its files inside itself.
 * @param {string} worker
 * @param {Record<string, string>} wasm
 * @returns {Plugin}
 */
const withinScript = (worker, wasm) => ({
  name: 'within-script',
  setup({ onLoad, onResolve }) {
    const data = `export const WORKER = ${JSON.stringify(worker)};\nexport const WASM = ${JSON.stringify(wasm)};`;
    onResolve({ filter: /^\.\/files\.js$/ }, ({ resolveDir }) => ({ path: path.join(resolveDir, 'files-inline.js') }));
    onResolve({ filter: /^\.\/inline-data\.js$/ }, () => ({ path: 'inline-data', namespace: 'built' }));
    onLoad({ filter: /()/, namespace: 'built' }, () => ({ contents: data }));
  },
});
