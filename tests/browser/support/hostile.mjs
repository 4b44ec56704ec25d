// Hostile input for tests in any browser: texts, files and addresses that run or fetch something if a page treats them as
// more than texts and pictures, and the traces that they would leave.

/** The browser's error when it refuses text where trusted types are required. */
export const REFUSED = /TrustedHTML|TrustedScript|Trusted Type|trusted-types/;

/** Returns texts that run, or fetch from elsewhere. @param {string} elsewhere the address of another site */
export const hostileTexts = (elsewhere) => [
  `<img src="${elsewhere}img" onerror="globalThis.ran = 1">`,
  `<script>globalThis.ran = 2; fetch('${elsewhere}script')</script>`,
  `<svg onload="globalThis.ran = 3"><image href="${elsewhere}svg"/></svg>`,
  `javascript:globalThis.ran=4//`,
  `"><iframe srcdoc="<script>parent.ran = 5</script>"></iframe>`,
  `' style="background: url(${elsewhere}style)`,
  '${globalThis.ran = 6}', '__proto__', 'constructor', '\u202e\u0000<x-hostile>bold</x-hostile>',
];

/**
 * Returns files that are not pictures, or more than pictures: a description, the name and the contents of each.
 * @param {string} elsewhere the address of another site
 * @returns {[what: string, name: string, contents: string][]}
 */
export const hostileFiles = (elsewhere) => [
  ['an SVG with scripts and addresses', 'picture.svg', `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="ran=1">
    <script>fetch('${elsewhere}a'); parent.ran = 2</script><image href="${elsewhere}b" width="9" height="9"/>
    <style>@import url(${elsewhere}c); rect { fill: url(${elsewhere}d) }</style><use href="${elsewhere}e#f"/>
    <foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="${elsewhere}g"/></foreignObject><rect width="64" height="64"/></svg>`],
  ['a page called a picture', 'picture.png', `<!doctype html><script>ran = 3; fetch('${elsewhere}h')</script>`],
  ['a script called a picture', 'picture.jpg', `globalThis.ran = 4; fetch('${elsewhere}i');`],
  ['a picture whose name is HTML', '"><img src=x onerror=ran=5>.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="32" height="64"/></svg>'],
];

/** Returns queries of the page's address that name a model elsewhere, or are markup. @param {string} elsewhere the address of another site */
export const hostileQueries = (elsewhere) =>
  [`?model=${elsewhere}m.safetensors`, `?model=javascript:ran=6`, '?model=data:,x', `?backend=<img src=${elsewhere}>`];

/** Runs on the page: returns all traces that a hostile text could leave there. */
export const findTraces = () => ({
  ran: /** @type {any} */ (globalThis).ran ?? null,
  elements: document.querySelectorAll('iframe, object, embed, base, x-hostile, [onerror], [onload], script:not([src]), a[href^="javascript:"]').length,
  polluted: /** @type {any} */ ({}).polluted ?? null,
  cookies: document.cookie,
});

/** The traces that harmless input leaves. */
export const NO_TRACES = { ran: null, elements: 0, polluted: null, cookies: '' };

/** Runs on the page: puts text in every place that treats it as HTML or a script, and returns the error of each. @param {string} text */
export function tryEveryPlace(text) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  const outcome = (/** @type {() => unknown} */ attempt) => {
    try {
      attempt();
      return 'done';
    } catch (error) {
      return /** @type {Error} */ (error).name;
    }
  };
  return {
    innerHTML: outcome(() => Object.assign(document.createElement('p'), { innerHTML: text })),
    write: outcome(() => document.write(text)),
    parse: outcome(() => new DOMParser().parseFromString(text, 'text/html')),
    srcdoc: outcome(() => Object.assign(document.createElement('iframe'), { srcdoc: text })),
    handler: outcome(() => document.createElement('p').setAttribute('onclick', 'globalThis.ran = 7')),
    script: outcome(() => Object.assign(document.createElement('script'), { text: 'globalThis.ran = 8' })),
    source: outcome(() => Object.assign(document.createElement('script'), { src: 'data:,' })),
    worker: outcome(() => new Worker('worker.js')),
    timer: outcome(() => setTimeout(/** @type {any} */ ('globalThis.ran = 9'))),
    policy: outcome(() => trustedTypes.createPolicy('another', {})),
    again: outcome(() => trustedTypes.createPolicy('reslens-page', { createScriptURL: String })),
  };
}

/** The outcomes if every place refuses. */
export const EVERY_PLACE_REFUSES = Object.fromEntries(
  ['innerHTML', 'write', 'parse', 'srcdoc', 'handler', 'script', 'source', 'worker', 'timer', 'policy', 'again'].map((place) => [place, 'TypeError']),
);
