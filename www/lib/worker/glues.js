// Makes the JavaScript that belongs to each wasm file, as wasm-bindgen writes it: such a script has one instance of
// its file, ever, so that each instance gets a script of its own. The build resolves these names:
// `xtask/src/bundle/library.mjs`. The script of a file that was not built has no exports.

import relaxed from 'reslens-glue/reslens-cpu-relaxed';
import relaxedThreads from 'reslens-glue/reslens-cpu-relaxed-threads';
import simd128 from 'reslens-glue/reslens-cpu-simd128';
import simd128Threads from 'reslens-glue/reslens-cpu-simd128-threads';
import checkpoints from 'reslens-glue/reslens-import';
import webgpu from 'reslens-glue/reslens-webgpu';

/** @import { Glues } from './wasm-file.js' */

/** @type {Glues} */
export const GLUES = {
  'reslens-cpu-relaxed': relaxed,
  'reslens-cpu-relaxed-threads': relaxedThreads,
  'reslens-cpu-simd128': simd128,
  'reslens-cpu-simd128-threads': simd128Threads,
  'reslens-import': checkpoints,
  'reslens-webgpu': webgpu,
};
