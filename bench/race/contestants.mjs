// Who runs in which race. Each engine is one row, for each number of threads.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} [adapter] its file in web/; without one it is not in the browser
 * @property {boolean} [inPage] whether it runs in the page, rather than in a worker
 * @property {boolean} [keepsPolicy] whether it needs no more than the site's content security policy
 * @property {string} model the extension of the file that it reads
 * @property {(facts: any, threads: number) => string[]} [code] the JavaScript and
 *   wasm files that the browser loaded, below the site's folder
 */

/** What all others are compared with. */
export const BASELINE = 'onnxruntime-web';

export const OURS = 'reslens';

/** @type {Engine} */
const RESLENS = {
  name: OURS,
  adapter: 'reslens.js',
  inPage: true,
  keepsPolicy: true,
  model: 'safetensors',
  code: ourCode,
};

/** @type {Engine} */
const LITERT = {
  name: 'LiteRT.js',
  adapter: 'litert.js',
  inPage: true,
  model: 'tflite',
  code: (_, threads) => {
    const runtime = threads > 1 ? 'litert_wasm_threaded_internal' : 'litert_wasm_internal';
    return inFolder('litert', ['core.js', 'wasm-utils.js', `${runtime}.js`, `${runtime}.wasm`]);
  },
};

/** @type {Engine[]} */
const CPU = [
  RESLENS,
  { ...RESLENS, adapter: 'reslens-simd128.js' },
  {
    name: BASELINE,
    adapter: 'onnxruntime.js',
    model: 'onnx',
    code: () =>
      inFolder('onnxruntime-web', [
        'ort.wasm.min.mjs',
        'ort-wasm-simd-threaded.mjs',
        'ort-wasm-simd-threaded.wasm',
      ]),
  },
  {
    name: 'tfjs',
    adapter: 'tfjs.js',
    model: 'safetensors',
    code: () =>
      inFolder('tfjs', [
        'tf-core.min.js',
        'tf-backend-wasm.min.js',
        'tfjs-backend-wasm-threaded-simd.wasm',
      ]),
  },
  LITERT,
  { name: 'native onnxruntime', model: 'onnx' },
];

/** @type {Engine[]} */
const WEBGPU = [
  { ...RESLENS, adapter: 'reslens-webgpu.js', code: ourGpuCode },
  {
    name: BASELINE,
    adapter: 'onnxruntime-webgpu.js',
    model: 'onnx',
    code: () =>
      inFolder('onnxruntime-web', [
        'ort.webgpu.min.mjs',
        'ort-wasm-simd-threaded.asyncify.mjs',
        'ort-wasm-simd-threaded.asyncify.wasm',
      ]),
  },
  ...['webgpu', 'webgl'].map((backend) => ({
    name: `tfjs ${backend}`,
    adapter: `tfjs-${backend}.js`,
    model: 'safetensors',
    code: () => inFolder('tfjs', ['tf-core.min.js', `tf-backend-${backend}.min.js`]),
  })),
  { ...LITERT, adapter: 'litert-webgpu.js' },
];

export const RACES = { cpu: CPU, webgpu: WEBGPU };

/** @typedef {keyof typeof RACES} Race */

/**
 * @param {string} folder
 * @param {string[]} files
 */
function inFolder(folder, files) {
  return files.map((file) => `${folder}/${file}`);
}

/**
 * The library and the engine that it chose.
 * @param {{simd: string}} facts
 * @param {number} threads
 */
function ourCode({ simd }, threads) {
  return inFolder('reslens', ['reslens.js', 'worker.js', `reslens-cpu-${simd}${threads > 1 ? '-threads' : ''}.wasm`]);
}

/**
 * The CPU's engine checks the GPU's, and is loaded with it.
 * @param {{simd: string}} facts
 * @param {number} threads
 */
function ourGpuCode(facts, threads) {
  return [...ourCode(facts, threads), ...inFolder('reslens', ['reslens-webgpu.wasm'])];
}

/**
 * Bytes of files as servers send them.
 * @param {string} folder
 * @param {string[]} files
 */
export function gzippedBytes(folder, files) {
  const size = (/** @type {string} */ file) =>
    gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  return files.reduce((sum, file) => sum + size(file), 0);
}
