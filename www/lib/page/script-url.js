// Addresses of workers, as a page with `require-trusted-types-for 'script'` wants them.

/** @typedef {{createScriptURL: (url: string) => URL}} Policy what it makes stands for a URL */

/** @type {Policy | null | undefined} */
let policy;

/**
 * The address of a script of this library, under the policy `reslens` where the browser has policies.
 * @param {string} url
 * @returns {string | URL}
 */
export function scriptUrl(url) {
  if (policy === undefined) policy = createPolicy();
  return policy ? policy.createScriptURL(url) : url;
}

/** @returns {Policy | null} */
function createPolicy() {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  try {
    return trustedTypes?.createPolicy('reslens', { createScriptURL: (/** @type {string} */ url) => url }) ?? null;
  } catch {
    return null; // the page does not allow it, or a second copy of this library: the worker says what is missing
  }
}
