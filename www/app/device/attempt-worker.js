// A worker that tries to fetch from another site, and reports which directive refused that, if one did.

/** @type {string|null} */
let directive = null;
self.addEventListener('securitypolicyviolation', (event) => {
  directive = /** @type {SecurityPolicyViolationEvent} */ (event).effectiveDirective;
});

self.onmessage = async ({ data: { target, port } }) => {
  const outcome = await fetch(target, { mode: 'no-cors' }).then(() => 'sent', () => 'refused');
  // A refusal is reported in the next task.
  setTimeout(() => port.postMessage({ outcome, directive }), 50);
};
