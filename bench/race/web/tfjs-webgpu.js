// TensorFlow.js on WebGPU.

import { gpuLoader } from './tfjs.js';

export { prepare } from './tfjs.js';

export const load = gpuLoader('webgpu');
