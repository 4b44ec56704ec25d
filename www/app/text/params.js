/**
 * `?backend=&threads=&model=&simulate=` with the library's own values. Unknown values are passed on:
 * the library says what it expected.
 *
 * @typedef {Pick<import('../types.js').LoadOptions, 'backend'|'threads'|'model'|'simulate'>} Options
 */

/**
 * @param {string} search `location.search`
 * @param {string} page `location.href`, against which `model` is resolved
 * @returns {Options}
 * @throws {Error} with a sentence for the visitor
 */
export function readParams(search, page) {
  const params = new URLSearchParams(search);
  /** @type {Options} */
  const options = {};
  const backend = params.get('backend');
  const threads = params.get('threads');
  const model = params.get('model');
  const simulate = params.get('simulate');
  if (backend) options.backend = /** @type {Options['backend']} */ (backend);
  if (threads) options.threads = readThreads(threads);
  if (model) options.model = readModel(model, page);
  if (simulate) options.simulate = /** @type {Options['simulate']} */ (simulate);
  return options;
}

/** @param {string} text @returns {number|'auto'} */
function readThreads(text) {
  if (text === 'auto') return text;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`?threads=${text}: expected "auto" or a whole number from 1.`);
}

/** @param {string} text @param {string} page */
function readModel(text, page) {
  let url;
  try {
    url = new URL(text, page);
  } catch {
    throw new Error(`?model=${text}: this is not a URL.`);
  }
  if (url.origin !== new URL(page).origin) {
    throw new Error(
      `This page loads nothing from other sites such as ${url.host}. ` +
        'Download the model there, then open it here with “Open file”.',
    );
  }
  return url.href;
}
