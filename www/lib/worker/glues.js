// The JavaScript that belongs to each wasm file, as wasm-bindgen writes it. The build resolves these names:
// `xtask/src/bundle/library.mjs`. A file that was not built stands here without exports.

import * as relaxed from 'reslens-glue/reslens-cpu-relaxed';
import * as relaxedThreads from 'reslens-glue/reslens-cpu-relaxed-threads';
import * as simd128 from 'reslens-glue/reslens-cpu-simd128';
import * as simd128Threads from 'reslens-glue/reslens-cpu-simd128-threads';
import * as checkpoints from 'reslens-glue/reslens-import';
import * as train from 'reslens-glue/reslens-train';
import * as webgpu from 'reslens-glue/reslens-webgpu';

/** @import { Glues } from './wasm-file.js' */

/** @type {Glues} */
export const GLUES = {
  'reslens-cpu-relaxed': relaxed,
  'reslens-cpu-relaxed-threads': relaxedThreads,
  'reslens-cpu-simd128': simd128,
  'reslens-cpu-simd128-threads': simd128Threads,
  'reslens-import': checkpoints,
  'reslens-train': train,
  'reslens-webgpu': webgpu,
};
