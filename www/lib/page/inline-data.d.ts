// The data that `xtask/src/bundle/inline.mjs` puts into the script.

/** The text of `worker.js`. */
export const WORKER: string;

/** The wasm files, by their names without extension: after gzip, as Base64. */
export const WASM: Record<string, string>;
