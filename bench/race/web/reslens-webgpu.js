// Our own library on WebGPU. Its time includes the messages to its worker and back.

import { loader } from './reslens.js';

export { prepare } from './reslens.js';

export const load = loader('/reslens/', 'webgpu');
