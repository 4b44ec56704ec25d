// An earlier build of our library on WebGPU, as it was then.

import { loader } from './reslens.js';

export { prepare } from './reslens.js';

export const load = loader('/before/', 'webgpu');
