// LiteRT.js on its wasm backend (XNNPACK with relaxed SIMD). It loads its code with a script element
// and cannot be imported by a module worker, so it runs in a page.

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

/**
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
export async function load({ model, input, shape }, threads) {
  resolve('@litertjs/wasm-utils', `${FOLDER}wasm-utils.js`);
  const { loadLiteRt, loadAndCompile, Tensor } = await import(`${FOLDER}core.js`);
  await loadLiteRt(FOLDER, { threads: threads > 1 });
  const compiled = await loadAndCompile(model, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  return {
    infer: async () => {
      const tensor = new Tensor(input, shape);
      const [output] = await compiled.run(tensor);
      const logits = Float32Array.from(output.toTypedArray());
      tensor.delete();
      output.delete();
      return logits;
    },
    threads, // it does not say how many it has
  };
}

/**
 * Tells the page where a package is.
 * @param {string} name
 * @param {string} url
 */
function resolve(name, url) {
  const script = document.createElement('script');
  script.type = 'importmap';
  script.textContent = JSON.stringify({ imports: { [name]: url } });
  document.head.append(script);
}
