// Our own library, through its public interface. Its time includes the way to its worker and back.

/**
 * @param {ArrayBuffer} model safetensors
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({ model, input, shape: [1, 3, size, size] });

export const load = loader('/reslens/');

/**
 * @param {string} folder of the library
 * @returns {(prepared: ReturnType<typeof prepare>, threads: number) => Promise<object>}
 */
export function loader(folder) {
  return (prepared, threads) => start(`${folder}reslens.js`, prepared, threads);
}

/**
 * @param {string} library
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
async function start(library, { model, input, shape }, threads) {
  const { Classifier } = await import(library);
  const classifier = await Classifier.load({ model, backend: 'cpu', threads });
  return {
    infer: async () => (await classifier.logits(input, { shape })).logits,
    threads: classifier.backend.threads,
    facts: { simd: classifier.backend.simd, architecture: classifier.model.architecture },
  };
}
