// Where our engine spends its time on a GPU: each kernel of each layer, by the GPU's own timestamps, in the browser.

import { onPage, tableOf } from './layers.mjs';
import { sum, summarize } from './stats.mjs';

/** @import { Browser } from 'playwright-core' */

/**
 * @typedef {object} GpuLayer
 * @property {string} name
 * @property {number[]} output height, width, channels
 * @property {number} direct millions of products of a direct convolution
 * @property {{name: string, bytes: number, ms: number[]}[]} kernels `bytes` of inputs and output, `ms` of each round
 */

/**
 * @param {Browser} browser
 * @param {string} url of the site
 * @param {{architecture: string, size: number, warmup: number, rounds: number}} task
 * @returns {Promise<GpuLayer[] | string>} or the reason why there are none: not every adapter has timestamps
 */
export const timeGpuLayers = (browser, url, task) =>
  onPage(browser, url, task, async ({ architecture, size, warmup, rounds }) => {
    const modules = ['/source/worker/adapter.js', '/layers/reslens-bench-layers-webgpu.js'];
    const [{ findAdapter }, glue] = await Promise.all(modules.map((module) => import(module)));
    try {
      const { subgroups, software } = await findAdapter();
      await glue.default({ module_or_path: '/layers/reslens-bench-layers-webgpu.wasm' });
      const { requestDevice } = GPUAdapter.prototype;
      // wgpu does not request `subgroups`; www/lib/worker/gpu.js does so for the library.
      GPUAdapter.prototype.requestDevice = function (options) {
        const more = subgroups ? /** @type {const} */ (['subgroups']) : [];
        const requiredFeatures = [...(options?.requiredFeatures ?? []), ...more];
        return requestDevice.call(this, { ...options, requiredFeatures });
      };
      return JSON.parse(await glue.timeLayers(architecture, size, warmup, rounds, subgroups, software));
    } catch (error) {
      return String(error);
    }
  });

/** @param {GpuLayer[] | string} layers */
export function gpuLayersTable(layers) {
  if (typeof layers === 'string') return `No times of our layers: ${layers}`;
  const timed = layers.map(({ name, output, direct, kernels }) => {
    const medians = kernels.map(({ name, ms }) => ({ name, ms: summarize(ms).median }));
    return {
      name,
      output: output.join('×'),
      direct,
      ms: sum(medians, ({ ms }) => ms),
      bytes: sum(kernels, ({ bytes }) => bytes),
      kernels: medians.map(({ name, ms }) => `${name} ${ms.toFixed(2)}`).join(' + '),
    };
  });
  const total = {
    name: '**all**',
    output: '',
    direct: sum(timed, ({ direct }) => direct),
    ms: sum(timed, ({ ms }) => ms),
    bytes: sum(timed, ({ bytes }) => bytes),
    kernels: '',
  };
  const lines = [...timed, total].map(({ name, output, direct, ms, bytes, kernels }) => [
    name,
    output,
    ms.toFixed(2),
    ((2 * direct) / ms).toFixed(1),
    (bytes / 1e6).toFixed(1),
    (bytes / 1e6 / ms).toFixed(1),
    kernels,
  ]);
  const head = ['layer', 'output', 'ms', 'GFLOP/s, direct', 'MB', 'GB/s', 'kernels, ms'];
  return `## Our layers, by the GPU's timestamps

${tableOf(head, [0, 1, 6], lines)}

Medians, each layer by itself. GFLOP/s are those of a direct convolution, as is usual; MB are inputs, weights and
outputs of all kernels, each moved once.`;
}
