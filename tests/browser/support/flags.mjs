// Chromium's flags that its tests and the benchmarks have in common.

/** A quiet browser: none of its own traffic, no sandbox. */
export const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
