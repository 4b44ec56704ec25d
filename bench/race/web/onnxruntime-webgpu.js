// onnxruntime-web on WebGPU.

import { loader } from './onnxruntime.js';

export { prepare } from './onnxruntime.js';

export const load = loader('ort.webgpu.min.mjs', 'webgpu');
