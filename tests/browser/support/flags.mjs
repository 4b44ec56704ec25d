// Chromium's flags for the tests and the benchmarks.

/** A quiet browser: no traffic of its own, no sandbox. */
export const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
