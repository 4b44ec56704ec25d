// The globals that the tests of the library put on the page, for the type checker.

import type { Backend, Classifier as Library, Classification } from '../../../www/reslens.js';

declare global {
  // From support/library.mjs.
  var Classifier: typeof Library;
  var outcome: (promise: Promise<any>) => Promise<any>;
  var picture: (width?: number, height?: number) => HTMLCanvasElement;
  var modelStored: () => Promise<void>;
  var best: (result: Classification) => { index: number; logit: number };

  // From support/workers.mjs, in the worker.
  var changeExports: (exports: Record<string, any>) => void;

  // From page-start.test.mjs.
  var failedWorkers: number;

  // From library-crash.test.mjs, in the worker.
  var traps: (exports: Record<string, any>) => boolean;

  // From support/gpu.mjs; `gpu` and `devices` in the worker.
  var devices: GPUDevice[];
  var gpu: { dispatches: number; buffers: number; bytes: number; made: number; submissions: number };
  var results: { hold(): void; asked(count: number): Promise<void>; release(): number };
  var calls: { most: number; mostWithMaps: number; reset(): void };
  var held: Map<string, { buffers: number; bytes: number }>;
  var classifiers: { gpu: any; cpu: any };
  var differences: (method: string, ...args: any[]) => Promise<{ path: string; off: number }[]>;

  // From kernels.mjs.
  var runKernelTest: (name: string, byQuads: boolean) => Promise<string | undefined>;
  var runRandomKernels: (first: number, cases: number, byQuads: boolean) => Promise<{ counts: Record<string, number>; failure: string | undefined }>;

  // From the tests of the page.
  var tracks: MediaStreamTrack[];
  var texts: string[];
  var allow: (value?: unknown) => void;
  var shifts: { value: number; moved: string[] }[];

  // From library-lab.test.mjs.
  var Lab: any;
  var lab: any;
  var loaded: [string, number][];
  var runs: any[];

  // From library-teach.test.mjs.
  var Teacher: any;
  var LABELS: string[];
  var look: (label: string, i: number) => HTMLCanvasElement;
  var taught: any;

  // From the tests themselves. Many deliberately pass arguments that the library's types refuse.
  var classifier: any;
  var changes: number[];
  var describeModel: (options: any) => Promise<any>;
  var backends: Backend[];
  var controller: AbortController;
  var logitsOfNoise: () => Promise<Float32Array>;
  var bad: Record<string, () => any>;
  var blobOf: (canvas: HTMLCanvasElement, type?: string) => Promise<Blob>;
  var contextOf: (canvas: HTMLCanvasElement) => CanvasRenderingContext2D;
  var difference: (a: any, b: any) => Promise<number>;
  var distance: (a: number[], b: number[]) => number;
  var draw: (
    source: CanvasImageSource,
    width: number,
    height: number,
    change?: (context: CanvasRenderingContext2D) => void,
  ) => HTMLCanvasElement;
  var imageOf: (source: any) => Promise<HTMLImageElement>;
  var film: () => Promise<Blob>;
  var logitsOf: (...of: any[]) => Promise<number[]>;
  var make: Record<string, (canvas: HTMLCanvasElement) => any>;
  var redThenBlue: () => Blob;
  var videoOf: (canvas: HTMLCanvasElement) => Promise<HTMLVideoElement>;
  var withOrientation: (jpeg: ArrayBuffer, orientation: number) => Blob;
  var sabotage: (name?: string) => void;
  var exhaust: () => number;

  interface Performance {
    measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
  }
}
