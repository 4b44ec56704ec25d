// The public class of reslens/lab. It owns a worker in which its runs take turns.

import { startWorker } from '../page/files.js';
import { checkAssets, checkCallback, checkObject, checkSignal, checkWorker, refuseOthers } from '../page/options.js';
import { aborted, failure } from '../shared/errors.js';
import { VERSION } from '../shared/version.js';
import { LabClient } from './client.js';
import { locate } from './files.js';
import { Run } from './run.js';

/** @import { LabOptions, Preset, Run as PublicRun, Settings, TrainOptions } from '../../lab.js' */

/** The class that `lab.d.ts` declares and describes. */
export class Lab {
  #client;

  /** @type {readonly Preset[]} */
  presets;

  /**
   * @param {LabOptions} [options]
   * @returns {Promise<Lab>}
   */
  static async load(options = {}) {
    const { files, worker, onProgress, signal } = checkLabOptions(options);
    if (signal?.aborted) throw aborted(signal);
    const client = new LabClient(worker ?? (() => startWorker(files, 'reslens-lab')), files.worker);
    const abort = () => signal && client.stop(aborted(signal));
    signal?.addEventListener('abort', abort);
    try {
      const { wasm, digits } = files;
      return new Lab(client, await client.load({ type: 'lab', version: VERSION, wasm, digits }, onProgress));
    } catch (error) {
      client.stop(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Not public: use `Lab.load`.
   * @param {LabClient} client
   * @param {Preset[]} presets
   */
  constructor(client, presets) {
    this.#client = client;
    this.presets = presets;
  }

  /**
   * @param {Settings} [settings]
   * @param {TrainOptions} [options]
   * @returns {PublicRun}
   */
  train(settings = {}, options = {}) {
    return new Run(this.#client, settings, options);
  }

  /** @returns {Promise<void>} */
  async dispose() {
    this.#client.stop(failure('Disposed', 'this lab was disposed: load another one'));
  }

  /** @returns {Promise<void>} */
  async [Symbol.asyncDispose]() {
    return this.dispose();
  }
}

/** @param {unknown} options */
function checkLabOptions(options) {
  const { assets, worker, onProgress, signal, ...others } = checkObject(options);
  refuseOthers(others);
  const checked = { worker: checkWorker(worker), onProgress: checkCallback('onProgress', onProgress), signal: checkSignal(signal) };
  return { ...checked, files: locate(checkAssets(assets)) };
}
