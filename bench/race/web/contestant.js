// One contestant, kept warm: in a page (our library, which has a worker of its own) or in a worker
// (the others). The driver calls `globalThis.contestant` from outside.

/**
 * What a contestant's file exports. `prepare` is untimed: what its users do once, before they
 * publish a model. `load` goes from bytes in memory to something that can infer.
 * @typedef {object} Adapter
 * @property {(model: ArrayBuffer, input: Float32Array, size: number) => unknown} prepare
 * @property {(prepared: any, threads: number) => Promise<Loaded>} load
 */

/**
 * @typedef {object} Loaded
 * @property {() => Float32Array | Promise<Float32Array>} infer the input's logits
 * @property {number} [atOnce] how many inferences it works at, if it gains by more than one
 * @property {number} threads how many it really uses
 * @property {object} [facts] what the report needs to know besides
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
   * Runs twice and times the second, in ms: the first brings back to the caches what the
   * contestants before it drove out, and gives their threads the time to fall asleep.
   */
  async turn() {
    await infer();
    const start = performance.now();
    await infer();
    return performance.now() - start;
  },

  /** Ms from answer to answer while there are always several questions. */
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

// To the page that has started this as a worker.
if (typeof document === 'undefined') globalThis.postMessage('started');
