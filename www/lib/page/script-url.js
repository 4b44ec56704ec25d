// Addresses of workers, as a page with `require-trusted-types-for 'script'` wants them.

/** @typedef {{createScriptURL: (url: string) => URL}} Policy what it makes stands for a URL */

/** @type {Policy | null | undefined} */
let policy;

/**
 * The address of a script of this library, under a policy of its own where the browser has policies.
 * @param {string} url
 * @param {string} name of the policy: a page may have the library and the lab, and a policy's name is taken once
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
    return null; // the page does not allow it, or a second copy of this library: the worker says what is missing
  }
}

/** Lets addresses of the page's own origin pass, those of blobs among them: no worker has another. @param {string} url */
function ownUrl(url) {
  if (new URL(url).origin === location.origin) return url;
  throw new TypeError(`expected an address of ${location.origin}, found ${url}`);
}
