/**
 * The scripts that this page starts by their address: workers and the service worker. The page's policy requires trusted
 * types, so that browsers take no other value as the address of a script, and no text as HTML: this one policy makes
 * the three addresses below and nothing else.
 */

const SCRIPTS = ['worker.js', 'sw.js', 'app/device/attempt-worker.js'];

/**
 * @param {string} name one of SCRIPTS
 * @param {string} [wrapped] `blob`: the address of a script in memory that imports it
 * @throws {TypeError} if it is another name
 */
function createScriptURL(name, wrapped) {
  if (!SCRIPTS.includes(name)) throw new TypeError(`expected one of ${SCRIPTS.join(', ')}, found ${name}`);
  const address = new URL(name, document.baseURI).href;
  if (wrapped !== 'blob') return address;
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' }));
}

/** @type {{createScriptURL: (name: string, wrapped?: string) => string}} in browsers with trusted types, its result is used as a string */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('reslens-page', { createScriptURL }) ?? { createScriptURL };

/** The address of a script of this page. @param {string} name @returns {string} */
export const scriptUrl = (name) => policy.createScriptURL(name);

/**
 * Starts a worker.
 * @param {string} name of its script
 * @param {{name?: string, inherits?: boolean}} [options] `inherits`: it gets the page's policy, whatever its response has
 */
export const startWorker = (name, { inherits = false, ...options } = {}) =>
  new Worker(policy.createScriptURL(name, inherits ? 'blob' : undefined), { type: 'module', ...options });
