// Fetches and compiles a wasm file of the engines, with its JavaScript.

import { counter, fetchCounted } from './download.js';
import { failure, messageOf } from '../shared/errors.js';

/** @import { EngineFile, WasmSource, WasmSources } from '../shared/protocol.js' */
/** @import { OnBytes } from './download.js' */

/** Creates the JavaScript of each wasm file, once for each instance. @typedef {Record<EngineFile, () => any>} Glues */

/**
 * @template Glue the exports of the JavaScript
 * @typedef {{file: EngineFile, createGlue: () => Glue, module: WebAssembly.Module}} WasmFile
 */

/** The wasm files of the engines in this build of the library. */
export class WasmFiles {
  #sources;
  #glues;

  /**
   * @param {WasmSources} sources
   * @param {Glues} glues
   */
  constructor(sources, glues) {
    this.#sources = sources;
    this.#glues = glues;
  }

  /** Returns whether this build has a file. @param {EngineFile} file */
  has(file) {
    return this.#sources[file] !== undefined;
  }

  /**
   * Fetches and compiles a file.
   * @param {EngineFile} file
   * @param {OnBytes} onBytes called with the bytes of the wasm file
   * @returns {Promise<WasmFile<any>>} rejects with `BackendUnavailable`
   */
  async load(file, onBytes) {
    const source = this.#sources[file];
    if (source === undefined) {
      const message = `this build of the library has no ${file}.wasm: import 'reslens', which has all files`;
      throw failure('BackendUnavailable', message);
    }
    const module = await compile(file, source, onBytes);
    return { file, createGlue: this.#glues[file], module };
  }

  /**
   * Fetches and compiles a file, and makes an instance of it.
   * @param {EngineFile} file
   * @param {OnBytes} onBytes called with the bytes of the wasm file
   * @returns {Promise<any>} the instance's JavaScript; rejects with `BackendUnavailable`
   */
  async start(file, onBytes) {
    const { createGlue, module } = await this.load(file, onBytes);
    const glue = createGlue();
    await glue.default({ module_or_path: module });
    return glue;
  }
}

/**
 * @param {EngineFile} file
 * @param {WasmSource} source
 * @param {OnBytes} onBytes
 */
async function compile(file, source, onBytes) {
  try {
    const module = await (source instanceof Blob ? unpack(source, onBytes) : fetchCounted(source, onBytes).then(compileStream));
    // A development server may start before every file is built: `xtask/src/placeholder.rs`.
    const [pending] = WebAssembly.Module.customSections(module, 'pending');
    if (pending) throw new Error(new TextDecoder().decode(pending));
    return module;
  } catch (error) {
    const where = source instanceof Blob ? `${file}.wasm` : source;
    throw failure('BackendUnavailable', `${where} cannot be loaded: ${messageOf(error)}`, error);
  }
}

/**
 * Compiles a gzipped file inside the library's script.
 * @param {Blob} packed
 * @param {OnBytes} onBytes
 */
async function unpack(packed, onBytes) {
  const counted = packed.stream().pipeThrough(counter(packed.size, onBytes));
  return compileStream(counted.pipeThrough(new DecompressionStream('gzip')));
}

/** @param {ReadableStream<Uint8Array<ArrayBuffer>>} body */
function compileStream(body) {
  // A response of our own has the right type, whatever type the host sent.
  const headers = { 'content-type': 'application/wasm' };
  return WebAssembly.compileStreaming(new Response(body, { headers }));
}
