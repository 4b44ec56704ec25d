// Our own library on a host that has no files with relaxed SIMD.

import { loader } from './reslens.js';

export { prepare } from './reslens.js';

export const load = loader('/reslens-simd128/', 'cpu');
