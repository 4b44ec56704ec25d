/// <reference lib="esnext.disposable" />

/**
 * reslens: a ResNet in the browser, and what each of its residual blocks adds.
 *
 * Nothing leaves the browser: the library fetches its own files and the model, and sends nothing.
 *
 * Every error is a rejection with an `Error` whose `name` is an {@link ErrorName}.
 */

import type { Classification, Gradients, Logits, Path, Sweep } from './answers.js';

export type * from './answers.js';

/** Where the network runs. */
export type BackendKind = 'webgpu' | 'cpu';

/**
 * The `name`s of the library's errors.
 *
 * - `AbortError`: the signal aborted; the signal's reason is the error's `cause`.
 * - `BackendUnavailable`: the engine cannot run here, or it crashed (the next call starts a new one).
 * - `DeviceLost`: the GPU is gone, or did not answer within ten seconds.
 * - `ModelInvalid`: the model cannot be fetched, or is not a model.
 * - `InputInvalid`: an argument cannot be used.
 * - `OutOfMemory`: there is not enough memory.
 * - `Disposed`: the classifier was disposed.
 * - `ParityFailed`: the engine computes wrong numbers on this machine, and is not used.
 */
export type ErrorName =
  | 'AbortError'
  | 'BackendUnavailable'
  | 'DeviceLost'
  | 'ModelInvalid'
  | 'InputInvalid'
  | 'OutOfMemory'
  | 'Disposed'
  | 'ParityFailed';

/** The progress of loading: bytes for `runtime` and `weights`, steps for `compile` and `warmup`. */
export interface Progress {
  phase: 'runtime' | 'weights' | 'compile' | 'warmup';
  loaded: number;
  /** null if the server does not say. */
  total: number | null;
  /** Whether it came from the library's own cache; the browser's cache is not visible. */
  fromCache: boolean;
}

/**
 * A fault drill: it changes the worker's WebGPU, and everything reacts as to a real fault.
 *
 * - `no-adapter`: WebGPU finds no adapter.
 * - `device-lost`: the device is destroyed while it computes the third call.
 * - `oom`: no memory can be allocated.
 * - `wrong-gpu`: one kernel computes numbers that are too large by 1 %.
 * - `wrong-later`: at the third call the GPU's memory loses a part of the weights. The answers are wrong
 *   until the next of the checks, which run every 200 answers.
 * - `min-limits`: a device with WebGPU's default limits; everything works.
 * - `stall`: the GPU never answers.
 */
export type Simulation =
  | 'no-adapter'
  | 'device-lost'
  | 'oom'
  | 'wrong-gpu'
  | 'wrong-later'
  | 'min-limits'
  | 'stall';

/** The options of {@link Classifier.load}. */
export interface LoadOptions {
  /**
   * A file of at most 512 MB: its URL (relative to the page), or its bytes, which are copied. Either a safetensors
   * file or a PyTorch checkpoint (`.pth`, `.bin`, `.ckpt`), whose pickle is read and never run; with torchvision's or
   * HuggingFace's names, after any prefix. Default: `models/webcam50.safetensors` beside the library's files,
   * which is part of the site but not of the package `reslens`; kept in Cache storage where the browser has it.
   */
  model?: string | URL | ArrayBufferLike | ArrayBufferView | Blob;
  /**
   * The classes' names, replacing the file's: an array, or a file with one per line, or JSON such as
   * `["cat", "dog"]`, `{"0": "cat", "1": "dog"}` or one of these as `id2label`. As many as the model has classes.
   */
  labels?: readonly string[] | Blob;
  /**
   * `'auto'` (default): WebGPU if a hardware adapter computes the same numbers as the CPU engine,
   * else the CPU; `backend.reason` then says why. `'webgpu'`: any adapter, even a software one;
   * load rejects if it cannot be used. `'cpu'`: WebGPU is not touched.
   *
   * If a GPU fails later, the CPU takes over, whatever was requested: no call is lost, and
   * `onBackend` is called. A lost GPU is opened again, up to three times, and takes over once it
   * has passed its check.
   */
  backend?: 'auto' | BackendKind;
  /**
   * CPU threads, 1 to 64, or `'auto'` (default). Only one without cross-origin isolation, if shared memory is
   * refused, or after an engine trapped while loading; `backend.reason` then says so. The CPU engine is also
   * used with WebGPU: it checks the GPU's numbers, and takes over if the GPU fails.
   */
  threads?: number | 'auto';
  /**
   * The URL (relative to the page) of the folder with `worker.js` and the wasm files, on any origin that the
   * page's policy allows. Default: beside the library's script, or where a bundler put them.
   */
  assets?: string | URL;
  /**
   * Starts a worker whose script is, or imports, `worker.js`; called once for the engine and once for each
   * additional thread. For pages whose policy allows neither workers from another origin nor `blob:` ones.
   */
  worker?: () => Worker;
  /** Called while the model loads. */
  onProgress?: (progress: Progress) => void;
  /**
   * Called when the backend changes after load: on fall-back to the CPU (before the affected call is
   * answered), when a lost GPU returns, and after a crashed engine is replaced.
   */
  onBackend?: (backend: Backend) => void;
  /**
   * Injects a GPU fault, for testing. It has an effect only where a GPU is used: not with
   * `'cpu'`, nor with `'auto'` on a software adapter.
   */
  simulate?: Simulation;
  /** Aborts loading, which rejects with `AbortError` and frees everything. */
  signal?: AbortSignal;
}

/** The backend in use. */
export interface Backend {
  readonly kind: BackendKind;
  readonly requested: 'auto' | BackendKind;
  /** Why it is not the requested backend, or not the fastest; null otherwise. */
  readonly reason: string | null;
  /** The name of the GPU in use, as far as the browser reveals it; null on the CPU. */
  readonly adapter: string | null;
  /** Threads of the CPU engine. */
  readonly threads: number;
  /**
   * Calls in flight at a time: 2 on a GPU, where the next call is read and submitted while one is computed, and 1 on
   * the CPU, where a second one would only wait. Further calls are queued.
   */
  readonly concurrency: number;
  /** Instructions of the CPU engine. */
  readonly simd: 'simd128' | 'relaxed';
  /** Bytes in use as of the last answer: wasm memory of all engines, and GPU memory. */
  readonly memory: { readonly wasm: number; readonly gpu: number };
}

/** Channels, height and width of an activation, for a picture of `inputSize` pixels. */
export type Shape = readonly [channels: number, height: number, width: number];

/** A convolution. Its padding is half its kernel, rounded down. */
export interface Convolution {
  /** As torchvision names it, such as `layer1.0.conv1`. */
  readonly name: string;
  /** Height and width of the kernel. */
  readonly kernel: number;
  readonly stride: number;
  readonly input: Shape;
  readonly output: Shape;
}

/** A residual block. */
export interface Block {
  /** As torchvision names it, such as `layer1.0`. */
  readonly name: string;
  readonly kind: 'basic' | 'bottleneck';
  readonly shortcut: 'identity' | 'projection';
  /** Shape of the output. */
  readonly shape: Shape;
  /** The convolutions of F(x), in order. */
  readonly convs: readonly Convolution[];
  /** The convolution of the shortcut; null where the shortcut is the identity. */
  readonly projection: Convolution | null;
}

/** The loaded model. */
export interface Model {
  readonly architecture: 'resnet18' | 'resnet34' | 'resnet50' | 'resnet101' | 'resnet152';
  readonly labels: readonly string[];
  /** Side of the square that the network sees, in pixels. */
  readonly inputSize: number;
  /** The length to which a picture's shorter side is scaled before the central square is cut out, in pixels. */
  readonly resize: number;
  /** The mean of red, green and blue in [0, 1], which is subtracted. */
  readonly mean: readonly [number, number, number];
  /** The standard deviation of red, green and blue, by which they are then divided. */
  readonly std: readonly [number, number, number];
  /** The number of parameters, as torchvision counts them. */
  readonly parameters: number;
  /** The convolution before the pool and the blocks. */
  readonly stem: Convolution;
  /** The max-pool between the stem and the blocks. */
  readonly pool: { readonly kernel: number; readonly stride: number; readonly output: Shape };
  /** The residual blocks, in the network's order. */
  readonly blocks: readonly Block[];
  /** Length of the pooled features, as `embed` returns them. */
  readonly features: number;
  /**
   * SHA-256 of the safetensors file, as 64 hex digits; null on an insecure page (http on another host). A PyTorch
   * checkpoint is converted to safetensors first, as by `cargo xtask model import`.
   */
  readonly sha256: string | null;
  readonly licence: string | null;
  /** The model's origin and purpose, in its author's words. */
  readonly card: string | null;
}

/** A path to leave out; a block's name alone means its F(x). */
export type Ablation = string | { block: string; path?: Path };

/** What to record inside the network, and what to leave out. */
export interface TapOptions {
  /** Blocks to record. Default `'none'`. */
  taps?: 'none' | 'all' | readonly string[];
  /** How a block's channels become one map. Default `'mean-abs'`. */
  reduce?: 'mean-abs' | 'mean' | 'max-abs' | { channel: number };
  /** Blocks to measure. Default `'none'`. */
  stats?: 'none' | 'all' | readonly string[];
  /** The class whose evidence is mapped: true for the most probable one, or its index. Default false. */
  cam?: boolean | number;
  /** Whether the answer includes the pooled features of the same run. Default false. */
  features?: boolean;
  /**
   * Paths to leave out, at most one of each block. Without F(x) a block's output is ReLU(shortcut), without
   * its shortcut ReLU(F(x)).
   */
  ablate?: readonly Ablation[];
  /** Rejects the call with AbortError; a computation in progress is finished and its result dropped. */
  signal?: AbortSignal;
}

/** The options of {@link Classifier.classify}. */
export interface ClassifyOptions extends TapOptions {
  /** 1 to the number of classes; default 5, or all if there are fewer. */
  topK?: number;
}

/** The options of {@link Classifier.logits}. */
export interface LogitsOptions extends TapOptions {
  /** Default `[1, 3, inputSize, inputSize]`. Taps, stats, cam and features need N = 1. */
  shape?: readonly [n: number, channels: number, height: number, width: number];
}

/** The options of {@link Classifier.sweep}. */
export interface SweepOptions {
  /** The path to leave out of each block in turn. Default `'residual'`. */
  path?: Path;
  /** The class to watch. Default: the most probable one before the sweep leaves out a path. */
  index?: number;
  /** Paths to leave out of every run; no block may lose both. */
  ablate?: readonly Ablation[];
  /** The shape of an array passed as the source. Default `[1, 3, inputSize, inputSize]`; N = 1. */
  shape?: readonly [n: number, channels: number, height: number, width: number];
  /** Called after the first run, and after each block. */
  onProgress?: (progress: SweepProgress) => void;
  /** Rejects the call with AbortError; the sweep ends after the run in progress. */
  signal?: AbortSignal;
}

/** The options of {@link Classifier.gradients}. */
export interface GradientsOptions {
  /** The logit of a class (default), or its loss: −ln softmax(logits)[index], at temperature 1. */
  of?: 'logit' | 'loss';
  /** The class. Default: the most probable one. */
  index?: number;
  /** Paths to leave out, at most one of each block. */
  ablate?: readonly Ablation[];
  /** Whether to return the gradients of the weights. Default false. */
  weights?: boolean;
  /** The blocks at whose outputs to compute Grad-CAM. Default `'none'`. */
  maps?: 'none' | 'all' | readonly string[];
  /** The shape of an array passed as the source. Default `[1, 3, inputSize, inputSize]`; N = 1. */
  shape?: readonly [n: number, channels: number, height: number, width: number];
  /** Called while the first call loads the wasm file. */
  onProgress?: (progress: Progress) => void;
  /** Rejects the call with AbortError; a computation in progress is finished and its result dropped. */
  signal?: AbortSignal;
}

/** The progress of a sweep, in blocks. It restarts at 0 if a GPU fails and the CPU takes over. */
export interface SweepProgress {
  done: number;
  total: number;
}

/**
 * A picture of at most 64 megapixels. It is never transferred, closed or changed. EXIF orientation of JPEG, PNG and
 * WebP files is respected, in an img element as far as the browser does so; alpha is composited on white; of an
 * animation, the first frame is used.
 */
export type Source =
  | HTMLVideoElement
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Blob;

/**
 * A loaded model with its engine in a worker. Concurrent calls are answered in order. On WebGPU two of them
 * overlap: while the GPU computes one, the next is read and submitted. So concurrent calls take less time each
 * than calls that wait for the previous answer.
 */
export class Classifier {
  private constructor();

  /**
   * Loads the engine and the model.
   *
   * Rejects with `AbortError`, `BackendUnavailable`, `DeviceLost`, `ModelInvalid`, `InputInvalid`,
   * `OutOfMemory` or `ParityFailed`.
   */
  static load(options?: LoadOptions): Promise<Classifier>;

  /** The backend in use; still readable after {@link dispose}. */
  readonly backend: Backend;

  /** The loaded model. */
  readonly model: Model;

  /** Classifies a picture. Rejects with `InputInvalid` for a source that cannot be read. */
  classify(source: Source, options?: ClassifyOptions): Promise<Classification>;

  /**
   * Runs the network on numbers: `input` is N×3×H×W, already normalised, finite; H and W are multiples
   * of 32 from 32 to 1024. It is copied, never detached.
   */
  logits(input: Float32Array, options?: LogitsOptions): Promise<Logits>;

  /**
   * Measures which blocks a picture needs: leaves one path out of each block in turn and watches a class (Veit
   * et al. 2016, arXiv 1605.06431). Each run starts from the stored input of its block, so that a sweep takes
   * at most as long as (blocks + 3) / 2 frames. An array is as in {@link logits}.
   */
  sweep(source: Source | Float32Array, options?: SweepOptions): Promise<Sweep>;

  /**
   * Computes gradients of the loaded network on a picture, by Burn's autodiff: those that reach every block over its
   * shortcut and through F(x), and Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391). Weights are those of the
   * file; batch norms are in evaluation mode. An array is as in {@link logits}.
   *
   * It runs on the CPU in a separate worker, which the first call starts, so the classifier keeps answering other
   * calls. Its forward pass is compared with the engine's each time; a difference rejects with `ParityFailed`.
   */
  gradients(source: Source | Float32Array, options?: GradientsOptions): Promise<Gradients>;

  /** Returns the pooled features: 512 numbers, or 2048 for architectures with bottlenecks. */
  embed(source: Source, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /**
   * Returns the model's file as safetensors with torchvision's names, however it was loaded, ready for PyTorch's
   * `load_state_dict`. Its metadata is the file's.
   */
  modelFile(): Promise<Blob>;

  /**
   * Ends workers and threads, and frees their memory and the GPU's. Open and later calls reject with
   * `Disposed` at once.
   */
  dispose(): Promise<void>;

  /** Disposes of it in `await using`, in browsers that have `Symbol.asyncDispose`. */
  [Symbol.asyncDispose](): Promise<void>;
}
