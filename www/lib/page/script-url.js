// Workers by their address, as a page with `require-trusted-types-for 'script'` requires it.

import { failure, messageOf } from '../shared/errors.js';

/** @typedef {{createScriptURL: (url: string) => URL}} Policy its result stands for a URL */

/** @type {Policy | null | undefined} */
let policy;

/** What the browser said when it refused the policy. @type {unknown} */
let refusal;

/**
 * Starts a worker of this library, under the library's own policy where the browser has policies.
 * @param {string} url
 * @param {string} name of the policy: a page may have the library and the lab, and policy names are unique
 * @returns {Worker} throws `BackendUnavailable` where the page requires trusted types and does not allow the policy
 */
export function startByUrl(url, name) {
  if (policy === undefined) policy = createPolicy(name);
  try {
    return new Worker(policy ? policy.createScriptURL(url) : url, { type: 'module', name: 'reslens' });
  } catch (error) {
    if (refusal === undefined) throw error;
    const advice = `add to its content security policy: trusted-types ${name}`;
    const words = `the page requires trusted types and refuses the library's policy; ${advice} (${messageOf(error)})`;
    throw failure('BackendUnavailable', `the worker ${url} cannot be started: ${words}`, error);
  }
}

/** @param {string} name @returns {Policy | null} */
function createPolicy(name) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  try {
    return trustedTypes?.createPolicy(name, { createScriptURL: ownUrl }) ?? null;
  } catch (error) {
    refusal = error; // the page forbids it, or a second copy of this library has it
    return null;
  }
}

/** Accepts only addresses of the page's own origin, blobs included: workers have no others. @param {string} url */
function ownUrl(url) {
  if (new URL(url).origin === location.origin) return url;
  throw new TypeError(`expected an address of ${location.origin}, found ${url}`);
}
