// Finds out why a worker could not be loaded: browsers only say that it failed.

import { failure, isFailure, messageOf } from '../shared/errors.js';
import { COPY_FILES } from './files.js';

/** The directive by which the page's policy refused something. */
export class RefusalWatch {
  /** @type {string | null} */
  directive = null;

  #url;

  #listen = (/** @type {SecurityPolicyViolationEvent} */ { blockedURI, effectiveDirective }) => {
    if (blockedURI === 'blob' || this.#url.startsWith(blockedURI)) this.directive = effectiveDirective;
  };

  /** @param {string} url of the worker */
  constructor(url) {
    this.#url = url;
    globalThis.document?.addEventListener('securitypolicyviolation', this.#listen);
  }

  stop() {
    globalThis.document?.removeEventListener('securitypolicyviolation', this.#listen);
  }
}

/**
 * Starts a worker, and watches for refusals by the page's policy.
 * @param {() => Worker} start
 * @param {string} url of its script, for error messages
 * @returns {{worker: Worker, refusals: RefusalWatch}} throws `BackendUnavailable`
 */
export function startWatched(start, url) {
  const refusals = new RefusalWatch(url);
  try {
    return { worker: start(), refusals };
  } catch (error) {
    refusals.stop();
    if (isFailure(error)) throw error;
    throw failure('BackendUnavailable', `the worker ${url} cannot be started: ${messageOf(error)}`, error);
  }
}

/**
 * Returns the error of a worker that failed outside of any request, with the reason as far as it is known.
 * @param {ErrorEvent} event
 * @param {boolean} started whether the worker had been loaded
 * @param {string} url
 * @param {RefusalWatch} refusals
 */
export async function workerFailure({ message }, started, url, refusals) {
  const why = message || started ? `the worker ${url} failed: ${message}` : await whyNotLoaded(url, refusals);
  return failure('BackendUnavailable', why);
}

/**
 * Fetches a worker's script once more, and says what is wrong with it.
 * @param {string} url
 * @param {RefusalWatch} refusals
 * @returns {Promise<string>}
 */
async function whyNotLoaded(url, refusals) {
  const trouble = `the worker ${url} cannot be loaded`;
  const response = await fetch(url, { method: 'HEAD' }).catch(() => null);
  if (refusals.directive) {
    return `${trouble}: the page's content security policy refuses it; allow it in ${refusals.directive}`;
  }
  if (!response) {
    return (
      `${trouble}: there is no answer that the page may read; check the address, the connection, ` +
      "and that connect-src of the page's policy and the other site's headers allow it"
    );
  }
  if (!response.ok) return `${trouble} (status: ${response.status}): ${COPY_FILES}`;
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    return `${trouble} (an HTML page is at its address): ${COPY_FILES}`;
  }
  return (
    `${trouble}, although it is there: it must be sent as text/javascript and, where the page is cross-origin ` +
    'isolated, with Cross-Origin-Embedder-Policy: require-corp; from another origin also with ' +
    'Access-Control-Allow-Origin, and script-src of the page\'s policy must name that origin'
  );
}
