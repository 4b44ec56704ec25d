// TensorFlow.js on WebGL.

import { gpuLoader } from './tfjs.js';

export { prepare } from './tfjs.js';

export const load = gpuLoader('webgl');
