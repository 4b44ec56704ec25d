// Our own library, through its public interface. Its time includes the way to its worker and back.

const FOLDER = '/reslens/';

/**
 * @param {ArrayBuffer} model safetensors
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({ model, input, shape: [1, 3, size, size] });

/**
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
export async function load({ model, input, shape }, threads) {
  const { Classifier } = await import(`${FOLDER}reslens.js`);
  const classifier = await Classifier.load({ model, backend: 'cpu', threads });
  return {
    infer: async () => (await classifier.logits(input, { shape })).logits,
    threads: classifier.backend.threads,
    facts: { simd: classifier.backend.simd },
  };
}
