// Our own library through its public interface. Its time includes the messages to its worker and back.

/**
 * @param {ArrayBuffer} model safetensors
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({ model, input, shape: [1, 3, size, size] });

export const load = loader('/reslens/', 'cpu');

/**
 * @param {string} folder of the library
 * @param {'cpu' | 'webgpu'} kind
 * @returns {(prepared: ReturnType<typeof prepare>, threads: number) => Promise<object>}
 */
export function loader(folder, kind) {
  return (prepared, threads) => start(`${folder}reslens.js`, kind, prepared, threads);
}

/**
 * @param {string} library
 * @param {'cpu' | 'webgpu'} kind
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
async function start(library, kind, { model, input, shape }, threads) {
  const { Classifier } = await import(library);
  const classifier = await Classifier.load({ model, backend: kind, threads });
  const { simd, adapter, threads: used, ...backend } = classifier.backend;
  if (backend.kind !== kind) throw new Error(`expected ${kind}: ${backend.reason}`);
  return {
    infer: async () => (await classifier.logits(input, { shape })).logits,
    atOnce: kind === 'webgpu' ? 2 : 1,
    threads: used,
    facts: { simd, adapter, architecture: classifier.model.architecture },
  };
}
