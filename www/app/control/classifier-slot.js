/**
 * The classifier that answers. Another backend or model is loaded beside it and takes its place, so
 * that the camera goes on meanwhile.
 *
 * @typedef {import('../types.js').Backend} Backend
 * @typedef {import('../types.js').Classifier} Classifier
 * @typedef {import('../types.js').LoadOptions} LoadOptions
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').Notice} Notice
 * @typedef {import('../types.js').Progress} Progress
 * @typedef {import('../device/store.js').Store} Store
 */

import { readLinkedView } from '../text/linked-view.js';
import { firstCloseup } from '../text/network.js';
import { cameraOpen } from '../text/state.js';
import { libraryTrouble, OFFLINE, tookOver } from '../text/messages.js';

/** How long a load may take without showing its progress, in ms: drawing it would delay a quick one. */
const QUICK_MS = 500;

export class ClassifierSlot {
  /** @type {Classifier|null} */
  classifier = null;
  /** The options of the present classifier. @type {LoadOptions} */
  #options = {};
  /** @type {AbortController|null} */
  #loading = null;
  /** The notice that the GPU failed. @type {Notice|null} */
  #news = null;
  #store;
  #load;
  #replaced;

  /**
   * @param {Store} store
   * @param {(options: LoadOptions) => Promise<Classifier>} load `Classifier.load`
   * @param {() => Promise<unknown>} replaced called when another classifier has replaced it
   */
  constructor(store, load, replaced) {
    this.#store = store;
    this.#load = load;
    this.#replaced = replaced;
  }

  /**
   * Loads a classifier that differs from the present one by some options. If that fails, the
   * present one stays. A new load aborts an older one.
   * @param {LoadOptions} changes
   * @returns {Promise<boolean>} whether it is in use now
   */
  async load(changes) {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    const options = { ...this.#options, ...changes };
    const phase = cameraOpen(this.#store.state) ? {} : /** @type {const} */ ({ phase: 'loading' });
    this.#store.set({ ...phase, loading: true, progress: new Map(), notice: null, wanted: options.backend ?? 'auto' });
    const progress = this.#showProgress(loading.signal);
    try {
      const classifier = await this.#load({
        ...options,
        signal: loading.signal,
        onProgress: progress.add,
        onBackend: (/** @type {Backend} */ backend) => {
          if (this.classifier === classifier) this.#changed(backend);
        },
      });
      this.#options = options;
      await this.#replace(classifier);
    } catch (error) {
      if (!loading.signal.aborted) this.#failed(error, options);
      return false;
    } finally {
      progress.end();
    }
    await this.#replaced();
    return true;
  }

  /**
   * Shows the progress of a load once it is no longer a quick one.
   * @param {AbortSignal} signal aborted if another load takes its place
   */
  #showProgress(signal) {
    /** @type {Map<Progress['phase'], Progress>} */
    const steps = new Map();
    let quick = true;
    const show = () => void (quick || signal.aborted || this.#store.set({ progress: new Map(steps) }));
    const timer = setTimeout(() => {
      quick = false;
      show();
    }, QUICK_MS);
    const add = (/** @type {Progress} */ step) => {
      steps.set(step.phase, step);
      show();
    };
    return { add, end: () => clearTimeout(timer) };
  }

  /** @param {Classifier} classifier */
  async #replace(classifier) {
    const former = this.classifier;
    this.classifier = classifier;
    const { model, backend } = classifier;
    const { state } = this.#store;
    const phase = cameraOpen(state) ? {} : /** @type {const} */ ({ phase: state.subject ? 'loading' : 'ready' });
    this.#store.set({ ...phase, loading: false, model, backend, modelUrl: modelUrl(this.#options) });
    if (!sameModel(former, classifier)) this.#beginWith(model);
    await former?.dispose();
  }

  /** Resets the choices for a new network; for the first one, to those of the page's address. @param {Model} model */
  #beginWith(model) {
    const { linked, settings, gradient } = this.#store.state;
    const view = linked ? readLinkedView(linked, model) : null;
    this.#store.set({
      answer: null,
      ablate: view?.cuts ?? [],
      evidence: null,
      sweep: null,
      gradient: { ...gradient, found: null },
      linked: null,
      block: view?.block ?? firstCloseup(model.blocks),
      closeReduce: { channel: view?.channel ?? 0 },
      channelChosen: typeof view?.channel === 'number',
      pointed: null,
      settings: view?.reduce ? { ...settings, reduce: view.reduce } : settings,
    });
    if (view && view.troubles.length > 0) this.#store.set({ notice: { text: view.troubles.join(' ') } });
  }

  /** Handles a fall-back of the library, a new start, or the return of its GPU. @param {Backend} backend */
  #changed(backend) {
    const { backend: former, notice } = this.#store.state;
    this.#store.set({ backend });
    if (former?.kind === backend.kind) return;
    const fell = backend.kind === 'cpu';
    if (!fell && notice !== this.#news) return; // another notice is on display
    this.#news = fell ? tookOver(backend.reason ?? '', () => this.load({})) : null;
    this.#store.set({ notice: this.#news });
  }

  /** @param {unknown} error @param {LoadOptions} options those of the attempt */
  #failed(error, options) {
    const first = this.classifier === null;
    // Without a classifier, the next attempt starts from the options of this one.
    if (first) this.#options = options;
    const { backend: wanted = 'auto' } = this.#options;
    const name = error instanceof Error ? error.name : '';
    // The CPU would not accept a wrong file or option either; and for a wrong option, "open another picture" is no advice.
    const gpu = options.backend === 'webgpu' && name !== 'ModelInvalid' && name !== 'InputInvalid';
    const takeCpu = { label: 'Use the CPU', run: () => void this.load({ backend: 'cpu' }) };
    const text = first && !navigator.onLine ? OFFLINE : libraryTrouble(error, !gpu && name !== 'InputInvalid');
    const action = first && gpu ? { action: takeCpu } : {};
    const phase = cameraOpen(this.#store.state) ? {} : /** @type {const} */ ({ phase: 'error' });
    this.#store.set({ ...phase, loading: false, wanted, hint: '', notice: { text, ...action } });
  }
}

/** The model's address for a link: null for the bundled one, undefined for a file. @param {LoadOptions} options */
function modelUrl({ model }) {
  if (model === undefined) return null;
  return typeof model === 'string' || model instanceof URL ? String(model) : undefined;
}

/**
 * Returns whether choices about one network hold for the other.
 * @param {Classifier|null} one
 * @param {Classifier} other
 */
function sameModel(one, other) {
  return one !== null && JSON.stringify(one.model) === JSON.stringify(other.model);
}
