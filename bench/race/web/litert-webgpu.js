// LiteRT.js on WebGPU.

import { loader } from './litert.js';

export { prepare } from './litert.js';

export const load = loader('webgpu');
