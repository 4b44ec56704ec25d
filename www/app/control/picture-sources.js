/**
 * Where pictures come from: samples, files, the clipboard, the camera. The newest request wins, also
 * even if an older one's bytes arrive later.
 *
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('./live.js').Live} Live
 * @typedef {import('../device/store.js').Store} Store
 * @typedef {import('../text/file-kind.js').FileKind} FileKind
 * @typedef {import('../types.js').Picture} Picture
 * @typedef {import('../types.js').Sample} Sample
 */

import { listSamples, readSample, sampleUrl } from '../device/samples.js';
import { kindOfFile, TELLING } from '../text/file-kind.js';
import { CLASSES_ELSEWHERE, message } from '../text/messages.js';
import { isBegun } from '../text/state.js';
import { say } from './say.js';

/** How long the samples' buttons wait for the first answer, for which the processor is needed, in ms. */
const BUTTONS_MS = 1500;

export class PictureSources {
  /** Counts requests, so that a sample that arrives late does not replace something newer. */
  #request = 0;
  #store;
  #lens;
  #live;
  #openClasses;

  /**
   * @param {Store} store
   * @param {Lens} lens
   * @param {Live} live
   * @param {(file: Blob) => void} [openClasses] opens taught classes; default: says which page does
   */
  constructor(store, lens, live, openClasses = () => store.set({ notice: { text: CLASSES_ELSEWHERE } })) {
    this.#openClasses = openClasses;
    this.#store = store;
    this.#lens = lens;
    this.#live = live;
  }

  /**
   * Opens files: a model, labels for it or for the current one, or else the first picture.
   * @param {Blob[]} files
   */
  async openFiles(files) {
    const request = ++this.#request;
    const kinds = await Promise.all(files.map(tellKind));
    if (request !== this.#request) return;
    const first = (/** @type {FileKind} */ kind) => files[kinds.indexOf(kind)];
    const [classes, model, labels] = [first('classes'), first('model'), first('labels')];
    if (classes) return this.#openClasses(classes);
    // The labels of the previous model do not apply to another one.
    if (model) this.#lens.loadClassifier({ model, labels });
    else if (labels) this.#lens.loadClassifier({ labels });
    else if (files.length > 0) this.#openFile(files[0]);
  }

  /** @param {Blob} file */
  #openFile(file) {
    const title = file instanceof File ? file.name : 'pasted picture';
    this.#openPicture(file, { title, credit: '', alt: title, url: URL.createObjectURL(file) });
  }

  /** Shows a bundled picture once it has arrived. @param {Sample} sample */
  async openSample(sample) {
    try {
      await this.#readAndOpen(sample);
    } catch (error) {
      this.#sampleFailed(error);
    }
  }

  /** Shows the first sample, unless the visitor has opened something else, and then lists them all. */
  async loadSamples() {
    const before = this.#request;
    try {
      const samples = await listSamples();
      this.#answered().then(() => this.#store.set({ samples }));
      if (this.#request === before && !this.#store.state.subject) await this.#readAndOpen(samples[0]);
    } catch (error) {
      this.#sampleFailed(error);
    }
  }

  /** @param {string} [deviceId] default: the rear camera, if there is one */
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
    if (request !== this.#request) return;
    this.#openPicture(blob, { title, credit: `${origin}; ${licence}`, alt, url: sampleUrl(sample) });
  }

  /** Resolves after the first answer, or if that takes long. */
  #answered() {
    return Promise.race([this.#store.reached(isBegun), new Promise((resolve) => setTimeout(resolve, BUTTONS_MS))]);
  }

  /** @param {Blob} blob @param {Pick<Picture, 'title'|'credit'|'alt'|'url'>} shown */
  #openPicture(blob, shown) {
    this.#request += 1;
    this.#live.stop();
    /** @type {Picture} */
    const subject = { kind: 'picture', ...shown, blob };
    this.#lens.show({ source: blob, subject });
  }

  /** @param {unknown} error */
  #sampleFailed(error) {
    say(this.#store, `The sample could not be loaded (${message(error)}). Open a picture or start the camera.`);
  }
}

/**
 * An unreadable file counts as a picture: opening it reports the reason.
 * @param {Blob} file
 * @returns {Promise<FileKind>}
 */
async function tellKind(file) {
  try {
    const name = file instanceof File ? file.name : '';
    return kindOfFile(new Uint8Array(await file.slice(0, TELLING).arrayBuffer()), name);
  } catch {
    return 'picture';
  }
}
