/**
 * Tries to reach another site, one way after another, and finds what stopped each.
 *
 * @typedef {import('../device/attempts.js').Finding} Finding
 * @typedef {import('../device/attempts.js').Way} Way
 */

import { Refusal, WAYS } from '../device/attempts.js';
import { removed } from '../device/locks.js';

/** How long a refusal may take to be reported after its way has ended, ms. */
const REPORT_MS = 100;

/** How long a way may take to end, ms: browsers do not report every refusal. */
const END_MS = 8000;

/**
 * @param {URL} target an address of another site
 * @param {(name: string, finding: Finding) => void} found called for each way
 */
export async function tryWaysOut(target, found) {
  for (const way of WAYS) found(way.name, await examine(way, target));
}

/**
 * Opens a window at another site. Pages cannot see the result, visitors can. Call it from a click handler.
 * @param {URL} target
 */
export function tryWindow(target) {
  removed.open.call(globalThis, target, '_blank');
}

/**
 * @param {Way} way
 * @param {URL} target
 * @returns {Promise<Finding>}
 */
async function examine({ attempt }, target) {
  /** @type {string|null} */
  let directive = null;
  const listen = (/** @type {SecurityPolicyViolationEvent} */ event) => {
    directive ??= event.effectiveDirective;
  };
  document.addEventListener('securitypolicyviolation', listen);
  try {
    /** @type {Promise<'unclear'>} */
    const noEnd = new Promise((resolve) => setTimeout(resolve, END_MS, 'unclear'));
    const outcome = await Promise.race([attempt(target), noEnd]).catch((error) => {
      if (error instanceof Refusal) directive = error.message;
      return /** @type {const} */ ('refused');
    });
    await new Promise((resolve) => setTimeout(resolve, REPORT_MS));
    if (directive) return { outcome: 'refused', by: `the page’s policy, ${directive}` };
    if (outcome === 'refused') return { outcome, by: 'the browser, which reports a network error or ends at once' };
    if (outcome === 'sent') return { outcome, by: 'nothing: this browser cannot forbid it, or was not told to' };
    return { outcome, by: 'it never ended' };
  } finally {
    document.removeEventListener('securitypolicyviolation', listen);
  }
}
