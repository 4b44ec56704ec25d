// The contestants of each race. Each engine has one row for each number of threads.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} [adapter] its file in web/; without one it does not run in a browser
 * @property {boolean} [inPage] whether it runs in the page rather than in a worker
 * @property {boolean} [keepsPolicy] whether the site's content security policy suffices for it
 * @property {string} model the extension of the file that it reads
 * @property {(facts: any, threads: number, site: string) => string[]} [code] the JavaScript and
 *   wasm files that the browser loaded, below the site's folder
 */

/** The engine that all others are compared with. */
export const BASELINE = 'onnxruntime-web';

export const OURS = 'reslens';

/** @type {Engine} */
const RESLENS = {
  name: OURS,
  adapter: 'reslens.js',
  inPage: true,
  keepsPolicy: true,
  model: 'safetensors',
  code: ourCode('reslens'),
};

/** An earlier build of ours, for each race. @type {Record<Race, Engine>} */
const BEFORE = {
  cpu: { ...RESLENS, name: `${OURS} before`, adapter: 'reslens-before.js', code: ourCode('before') },
  webgpu: {
    ...RESLENS,
    name: `${OURS} before`,
    adapter: 'reslens-before-webgpu.js',
    code: ourGpuCode('before'),
  },
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
  { ...RESLENS, adapter: 'reslens-webgpu.js', code: ourGpuCode('reslens') },
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

const RACES = { cpu: CPU, webgpu: WEBGPU };

/** @typedef {keyof typeof RACES} Race */

/**
 * The engines that take part.
 * @param {Race} race
 * @param {{alone: boolean, before: boolean}} options whether only our engines race, and whether an earlier build
 *   of ours takes part
 * @returns {Engine[]}
 */
export function engines(race, { alone, before }) {
  const invited = RACES[race].filter(({ name }) => !alone || name === OURS);
  return before ? [...invited, BEFORE[race]] : invited;
}

/**
 * @param {string} folder
 * @param {string[]} files
 */
function inFolder(folder, files) {
  return files.map((file) => `${folder}/${file}`);
}

/**
 * The files of the library and of the engine that it chose. An earlier build has its glue in separate files.
 * @param {string} library its folder in the site
 * @param {(facts: any, threads: number) => string[]} [engines] the wasm files that it loaded, without their type
 * @returns {NonNullable<Engine['code']>}
 */
function ourCode(library, engines = cpuEngines) {
  return (facts, threads, site) => {
    const loaded = engines(facts, threads).flatMap((name) => [`${name}.js`, `${name}.wasm`]);
    const files = readdirSync(join(site, library), { recursive: true, encoding: 'utf8' });
    const isLoaded = (/** @type {string} */ file) =>
      /^reslens-(cpu|webgpu)/.test(file) ? loaded.includes(file) : file.endsWith('.js');
    return files.filter(isLoaded).map((file) => join(library, file));
  };
}

/** @param {{simd: string}} facts @param {number} threads */
function cpuEngines({ simd }, threads) {
  return [`reslens-cpu-${simd}${threads > 1 ? '-threads' : ''}`];
}

/** The CPU's engine checks the GPU's, so both are loaded. @param {string} library its folder in the site */
function ourGpuCode(library) {
  return ourCode(library, (facts, threads) => [...cpuEngines(facts, threads), 'reslens-webgpu']);
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
