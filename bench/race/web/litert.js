// LiteRT.js: XNNPACK with relaxed SIMD, or WebGPU. It loads its code with a script element, which a module worker does
// not have, so it runs in a page.

import { channelsLast } from './layout.js';

const FOLDER = '/litert/';

/**
 * @param {ArrayBuffer} model TFLite
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({
  model: new Uint8Array(model),
  input: channelsLast(input, size),
  shape: [1, size, size, 3],
});

export const load = loader('wasm');

/** @param {'wasm' | 'webgpu'} accelerator */
export function loader(accelerator) {
  /**
   * @param {ReturnType<typeof prepare>} prepared
   * @param {number} threads
   */
  return async ({ model, input, shape }, threads) => {
    resolve('@litertjs/wasm-utils', `${FOLDER}wasm-utils.js`);
    const { loadLiteRt, loadAndCompile, Tensor } = await import(`${FOLDER}core.js`);
    await loadLiteRt(FOLDER, { threads: threads > 1 });
    const options = accelerator === 'wasm' ? { cpuOptions: { numThreads: threads } } : {};
    const compiled = await loadAndCompile(model, { accelerator, ...options });
    return {
      infer: async () => {
        const tensor = new Tensor(input, shape);
        const [output] = await compiled.run(tensor);
        const logits = Float32Array.from(await output.data());
        tensor.delete();
        output.delete();
        return logits;
      },
      threads, // it does not report how many it uses
    };
  };
}

/**
 * Adds a package's address to the page.
 * @param {string} name
 * @param {string} url
 */
function resolve(name, url) {
  const script = document.createElement('script');
  script.type = 'importmap';
  script.textContent = JSON.stringify({ imports: { [name]: url } });
  document.head.append(script);
}
