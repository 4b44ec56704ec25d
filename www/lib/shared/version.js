// Which build this is. Page, worker and wasm files of one build belong together.

/** In a build, the package's version and a hash of the worker: `xtask/src/bundle/library.mjs`. */
export const VERSION = 'source';
