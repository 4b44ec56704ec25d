// The globals of sources.mjs, besides those that the tests in Chromium also use.

declare global {
  var onItsSide: (jpeg: Blob) => Promise<Blob>;
  var upright: (jpeg: Blob) => Promise<HTMLCanvasElement>;
  var withHole: () => { clear: HTMLCanvasElement; white: HTMLCanvasElement };
}

export {};
