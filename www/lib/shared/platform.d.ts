// The browser's interfaces that these files use, as far as they use them. The page and the workers
// have them from TypeScript's libraries; the files here are checked with neither, so that they can
// use nothing that one of the two lacks.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface Blob {
  readonly size: number;
}

interface ImageBitmap {
  close(): void;
}

interface MessagePort {
  close(): void;
}

type Transferable = ArrayBuffer | MessagePort | ImageBitmap;

declare namespace WebAssembly {
  interface Module {}
  interface Memory {}
  function validate(bytes: Uint8Array): boolean;
}

declare const navigator: { readonly hardwareConcurrency?: number };
declare var crossOriginIsolated: boolean | undefined;
declare const structuredClone: unknown;
