// onnxruntime-web on its wasm backend.

const FOLDER = '/onnxruntime-web/';

/**
 * @param {ArrayBuffer} model ONNX
 * @param {Float32Array} input NCHW
 * @param {number} size
 */
export const prepare = (model, input, size) => ({ model, input, dims: [1, 3, size, size] });

/**
 * @param {ReturnType<typeof prepare>} prepared
 * @param {number} threads
 */
export async function load({ model, input, dims }, threads) {
  const { env, InferenceSession, Tensor } = await import(`${FOLDER}ort.wasm.min.mjs`);
  env.wasm.wasmPaths = FOLDER;
  env.wasm.numThreads = threads;
  const session = await InferenceSession.create(new Uint8Array(model), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  return {
    infer: async () => {
      const { logits } = await session.run({ input: new Tensor('float32', input, dims) });
      return logits.data;
    },
    threads: env.wasm.numThreads, // set back to 1 where it cannot have them
  };
}
