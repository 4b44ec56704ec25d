/**
 * Where pictures come from: samples, files, the clipboard, the camera. The newest request wins, also
 * over one whose bytes arrive later.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../types.js').Picture} Picture
 * @typedef {import('../types.js').Sample} Sample
 */

import { listSamples, readSample } from '../device/samples.js';
import { message } from '../text/messages.js';

export class PictureSources {
  /** Counts requests, so that a sample that arrives late does not replace something newer. */
  #request = 0;
  #store;
  #lens;
  #live;

  /** @param {Store} store @param {Lens} lens @param {Live} live */
  constructor(store, lens, live) {
    this.#store = store;
    this.#lens = lens;
    this.#live = live;
  }

  /** Opens a picture, or loads a model file. @param {Blob} file */
  openFile(file) {
    if (isModelFile(file)) {
      this.#lens.loadClassifier({ model: file });
      return;
    }
    const title = file instanceof File ? file.name : 'pasted picture';
    this.#openPicture(file, { title, credit: '', alt: title });
  }

  /** Shows a bundled picture once its bytes are here. @param {Sample} sample */
  async openSample(sample) {
    try {
      await this.#readAndOpen(sample);
    } catch (error) {
      this.#sampleFailed(error);
    }
  }

  /** Lists the samples, and shows the first one unless the visitor has opened something else. */
  async loadSamples() {
    const before = this.#request;
    try {
      const samples = await listSamples();
      this.#store.set({ samples });
      if (this.#request === before && !this.#store.state.subject) await this.#readAndOpen(samples[0]);
    } catch (error) {
      this.#sampleFailed(error);
    }
  }

  /** @param {string} [deviceId] default: the camera that faces away from the visitor, if there is one */
  startCamera(deviceId) {
    if (!this.#lens.usable) return; // the key is never disabled
    this.#request += 1;
    this.#live.start(deviceId);
  }

  resumeCamera() {
    this.#request += 1;
    this.#live.resume();
  }

  /** @param {Sample} sample */
  async #readAndOpen(sample) {
    const { title, alt, origin, licence } = sample;
    const request = ++this.#request;
    const blob = await readSample(sample);
    if (request === this.#request) this.#openPicture(blob, { title, credit: `${origin}; ${licence}`, alt });
  }

  /** @param {Blob} blob @param {Pick<Picture, 'title'|'credit'|'alt'>} words */
  #openPicture(blob, words) {
    this.#request += 1;
    this.#live.stop();
    /** @type {Picture} */
    const subject = { kind: 'picture', ...words, url: URL.createObjectURL(blob), blob };
    this.#lens.show({ source: blob, subject });
  }

  /** @param {unknown} error */
  #sampleFailed(error) {
    const text = `The sample could not be loaded (${message(error)}). Open a picture or start the camera.`;
    this.#store.set({ notice: { text } });
  }
}

/** Tells a model from a picture by its name; the library checks the bytes. @param {Blob} file */
function isModelFile(file) {
  return file instanceof File && /\.safetensors$/i.test(file.name);
}
