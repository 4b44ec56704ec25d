// onnxruntime-web.

const FOLDER = '/onnxruntime-web/';

/**
 * @param {ArrayBuffer} model ONNX
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({ model, input, dims: [1, 3, size, size] });

export const load = loader('ort.wasm.min.mjs', 'wasm');

/**
 * @param {string} file of the package
 * @param {'wasm' | 'webgpu'} provider
 */
export function loader(file, provider) {
  /**
   * @param {ReturnType<typeof prepare>} prepared
   * @param {number} threads
   */
  return async ({ model, input, dims }, threads) => {
    const { env, InferenceSession, Tensor } = await import(`${FOLDER}${file}`);
    env.wasm.wasmPaths = FOLDER;
    env.wasm.numThreads = threads;
    const session = await InferenceSession.create(new Uint8Array(model), {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
    });
    return {
      infer: async () => {
        const { logits } = await session.run({ input: new Tensor('float32', input, dims) });
        return logits.data;
      },
      threads: env.wasm.numThreads, // reset to 1 if threads are unavailable
    };
  };
}
