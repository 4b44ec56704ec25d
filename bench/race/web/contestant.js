// One contestant, kept warm: our library in a page, since it has its own worker, the others in a worker. The driver
// calls `globalThis.contestant` from outside.

/**
 * The exports of a contestant's file. `prepare` is untimed: it does what users do once, before they publish a model.
 * `load` goes from bytes in memory to a model that can infer.
 * @typedef {object} Adapter
 * @property {(model: ArrayBuffer, input: Float32Array, size: number) => unknown} prepare
 * @property {(prepared: any, threads: number) => Promise<Loaded>} load
 */

/**
 * @typedef {object} Loaded
 * @property {() => Float32Array | Promise<Float32Array>} infer the input's logits
 * @property {number} [atOnce] how many inferences it works at, if more than one at a time is faster
 * @property {number} threads how many it actually uses
 * @property {object} [facts] further facts for the report
 */

/**
 * @typedef {object} Task
 * @property {string} adapter URL of the contestant's file
 * @property {string} model URL
 * @property {string} input URL of 3 × size × size float32 values
 * @property {number} size height and width
 * @property {number} threads
 */

/** @param {string} url */
async function download(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.arrayBuffer();
}

/** Inferences of one measurement of the throughput. */
const FRAMES = 8;

/** @type {Loaded['infer']} */
let infer;

let atOnce = 1;

globalThis.contestant = {
  /**
   * Loads, and infers once.
   * @param {Task} task
   */
  async load({ adapter, model, input, size, threads }) {
    /** @type {[Adapter, ArrayBuffer, ArrayBuffer]} */
    const [{ prepare, load }, bytes, values] = await Promise.all([
      import(adapter),
      download(model),
      download(input),
    ]);
    const prepared = prepare(bytes, new Float32Array(values), size);
    const start = performance.now();
    const loaded = await load(prepared, threads);
    const ready = performance.now();
    if (loaded.threads !== threads) {
      throw new Error(`expected ${threads} threads, found ${loaded.threads}`);
    }
    ({ infer, atOnce = 1 } = loaded);
    const logits = Array.from(await infer());
    const first = performance.now();
    const times = { loadMs: ready - start, firstMs: first - ready };
    return { ...times, logits, atOnce, facts: loaded.facts ?? {} };
  },

  /**
   * Runs twice and times the second run, in ms: the first one refills the caches after other contestants, and gives
   * their threads time to fall asleep.
   */
  async turn() {
    await infer();
    const start = performance.now();
    await infer();
    return performance.now() - start;
  },

  /** Ms between answers while several calls are always pending. */
  async throughput() {
    /** @type {number[]} */
    const answers = [];
    let left = FRAMES;
    const ask = async () => {
      while (left-- > 0) {
        await infer();
        answers.push(performance.now());
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
    return (answers[FRAMES - 1] - answers[0]) / (FRAMES - 1);
  },

  async logits() {
    return Array.from(await infer());
  },
};

// Tells the page that has started this as a worker.
if (typeof document === 'undefined') globalThis.postMessage('started');
