/**
 * Requests everything that the page shows about one frame, in one to three calls of the library.
 *
 * @typedef {import('../types.js').Answer} Answer
 * @typedef {import('../types.js').Classifier} Classifier
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Reduce} Reduce
 * @typedef {{reduce: 'mean-abs'|'mean'|'max-abs', ablate: readonly import('../types.js').Cut[],
 *   close: {block: string, reduce: Reduce}|null, cam: boolean|number, features?: boolean}} Question
 *   `cam`: whether, or for which class, to map the evidence.
 */

/**
 * @param {Classifier} classifier
 * @param {Frame} frame
 * @param {Question} question
 * @param {(answer: Answer) => void} [early] gets the answer as soon as all but the close-up is there
 * @returns {Promise<Answer>}
 */
export async function inspect(classifier, frame, { reduce, ablate, close, cam, features }, early) {
  const topK = classifier.model.labels.length;
  const { source, subject } = frame;
  const main = classifier.classify(source, { topK, taps: 'all', stats: 'all', reduce, ablate, cam, features });
  const full = ablate.length > 0 ? classifier.classify(source, { topK }) : null;
  const other = close && close.reduce !== reduce
    ? classifier.classify(source, { topK: 1, taps: [close.block], reduce: close.reduce, ablate })
    : null;
  other?.catch(() => {}); // handled below
  const [result, whole] = await Promise.all([main, full]);
  const taps = result.taps ?? [];
  /** @type {Answer} */
  const answer = {
    subject,
    predictions: result.predictions,
    abstained: result.abstained,
    taps,
    timings: result.timings,
    reduce,
    ablated: ablate,
    full: whole?.predictions ?? null,
    close: null,
    stats: result.stats ?? [],
    cam: result.cam ?? null,
    features: result.features,
  };
  if (other) early?.(answer);
  const tap = other ? (await other).taps?.[0] : taps.find(({ block }) => block === close?.block);
  return { ...answer, close: close && tap ? { tap, reduce: close.reduce } : null };
}
