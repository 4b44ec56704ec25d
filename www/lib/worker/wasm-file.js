// Fetching and compiling one of the engine's wasm files, with the JavaScript that belongs to it.

import { announcedSize, counter } from './download.js';
import { failure, messageOf } from '../shared/errors.js';

/** @import { OnBytes } from './download.js' */

/**
 * @template Glue what the JavaScript exports
 * @typedef {{glue: Glue, module: WebAssembly.Module, url: string}} WasmFile `url` is the glue's
 */

/**
 * @param {string} name
 * @param {OnBytes} onBytes of the wasm file
 * @returns {Promise<WasmFile<any>>} rejects with `BackendUnavailable`
 */
export async function loadWasm(name, onBytes) {
  const url = new URL(`../../${name}.js`, import.meta.url).href;
  const [glue, module] = await Promise.all([
    import(url).catch((error) => {
      throw failure('BackendUnavailable', `${url} cannot be loaded: ${messageOf(error)}`, error);
    }),
    compile(new URL(`../../${name}.wasm`, import.meta.url).href, onBytes),
  ]);
  // A development server may begin to serve before every file is built: `xtask/src/placeholder.rs`.
  if (glue.pending) throw failure('BackendUnavailable', glue.pending);
  return { glue, module, url };
}

/**
 * @param {string} url
 * @param {OnBytes} onBytes
 */
async function compile(url, onBytes) {
  try {
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    const body = response.body.pipeThrough(counter(announcedSize(response), onBytes));
    // A response of our own has the right type, whatever the host says of the file.
    const headers = { 'content-type': 'application/wasm' };
    return await WebAssembly.compileStreaming(new Response(body, { headers }));
  } catch (error) {
    throw failure('BackendUnavailable', `${url} cannot be loaded: ${messageOf(error)}`, error);
  }
}
