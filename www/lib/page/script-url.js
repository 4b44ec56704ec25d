// Addresses of workers, as a page with `require-trusted-types-for 'script'` requires them.

/** @typedef {{createScriptURL: (url: string) => URL}} Policy its result stands for a URL */

/** @type {Policy | null | undefined} */
let policy;

/**
 * Returns the address of a script of this library, under the library's own policy where the browser has policies.
 * @param {string} url
 * @param {string} name of the policy: a page may have the library and the lab, and policy names are unique
 * @returns {string | URL}
 */
export function scriptUrl(url, name) {
  if (policy === undefined) policy = createPolicy(name);
  return policy ? policy.createScriptURL(url) : url;
}

/** @param {string} name @returns {Policy | null} */
function createPolicy(name) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  try {
    return trustedTypes?.createPolicy(name, { createScriptURL: ownUrl }) ?? null;
  } catch {
    return null; // the page forbids it, or a second copy of this library: the worker's error says what is missing
  }
}

/** Accepts only addresses of the page's own origin, blobs included: workers have no others. @param {string} url */
function ownUrl(url) {
  if (new URL(url).origin === location.origin) return url;
  throw new TypeError(`expected an address of ${location.origin}, found ${url}`);
}
