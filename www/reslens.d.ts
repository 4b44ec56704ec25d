/**
 * reslens: a ResNet in the browser, and what each of its residual blocks adds.
 *
 * Nothing leaves the browser: the library fetches its own files and the model, and sends nothing.
 *
 * Every error is a rejection with an `Error` whose `name` is an {@link ErrorName}.
 */

/** Where it computes. */
export type BackendKind = 'webgpu' | 'cpu';

/** What a tap map can be called: the parts of a residual block. */
export type TapPartName = 'input' | 'shortcut' | 'residual' | 'sum' | 'output';

/**
 * The `name`s of the library's errors.
 *
 * - `AbortError`: the signal aborted; the signal's reason is the error's `cause`.
 * - `BackendUnavailable`: the engine cannot run here, or it crashed (a fresh one takes the next call).
 * - `DeviceLost`: the GPU is gone, or did not answer within ten seconds.
 * - `ModelInvalid`: the model cannot be fetched, or is not a model.
 * - `InputInvalid`: an argument cannot be used.
 * - `OutOfMemory`: the memory that this needs cannot be had.
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

/** How far loading is: bytes for `runtime` and `weights`, steps for `compile` and `warmup`. */
export interface Progress {
  phase: 'runtime' | 'weights' | 'compile' | 'warmup';
  loaded: number;
  /** null where the server does not say it. */
  total: number | null;
  /** Whether the library's own cache had it; the browser's cache is not visible. */
  fromCache: boolean;
}

/**
 * A fault drill: it changes the worker's WebGPU, and the fault takes its course.
 *
 * - `no-adapter`: WebGPU finds no adapter.
 * - `device-lost`: the device is destroyed while it computes the third call.
 * - `oom`: no memory can be allocated.
 * - `wrong-gpu`: one kernel computes numbers that are too large by 1 %.
 * - `wrong-later`: with the third call the GPU's memory loses a part of the weights. The answers are wrong
 *   from then on until the next of the checks that come every 200 answers.
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
   * A safetensors file of at most 512 MB with torchvision's names: its URL (relative to the page),
   * or its bytes, which are copied. Default: the bundled model, kept in Cache storage where the
   * browser has it.
   */
  model?: string | URL | ArrayBuffer | Blob;
  /**
   * `'auto'` (default): WebGPU where there is a hardware adapter that computes what the CPU engine
   * computes, else the CPU; `backend.reason` then says why. `'webgpu'`: any adapter, also one in
   * software; load rejects if it cannot be used. `'cpu'`: WebGPU is not touched.
   *
   * A GPU that fails later gives way to the CPU, whatever was asked for: no call is lost, and
   * `onBackend` is told. One that was lost is opened again, up to three times, and takes over when it
   * has passed its check.
   */
  backend?: 'auto' | BackendKind;
  /**
   * CPU threads, 1 to 64, or `'auto'` (default). One without cross-origin isolation, or where
   * shared memory is refused; `backend.reason` then says so. The CPU engine is there with WebGPU,
   * too: it checks the GPU's numbers, and takes over if the GPU fails.
   */
  threads?: number | 'auto';
  /**
   * URL (relative to the page) of the folder with `worker.js` and the wasm files, on the page's
   * own origin. Default: the folder of `reslens.js`.
   */
  assets?: string | URL;
  /** Called while it loads. */
  onProgress?: (progress: Progress) => void;
  /**
   * Called when the backend changes after load: on fall-back to the CPU (before the affected call is
   * answered), when a lost GPU returns, and after a crashed engine is replaced.
   */
  onBackend?: (backend: Backend) => void;
  /**
   * Brings about a fault of the GPU, to see what follows. It acts where a GPU is used: not with
   * `'cpu'`, nor with `'auto'` on a software adapter.
   */
  simulate?: Simulation;
  /** Load rejects with AbortError, and everything is freed. */
  signal?: AbortSignal;
}

/** What computes. */
export interface Backend {
  readonly kind: BackendKind;
  readonly requested: 'auto' | BackendKind;
  /** Why it is not what was asked for, or not the fastest; null if there is nothing to say. */
  readonly reason: string | null;
  /** The name of the GPU in use, as far as the browser tells it; null on the CPU. */
  readonly adapter: string | null;
  /** Of the CPU engine. */
  readonly threads: number;
  /**
   * Calls that it computes at a time. While a GPU computes one, the next is on its way to it: 2. The CPU
   * would only answer a second one later: 1. More calls wait for their turn.
   */
  readonly concurrency: number;
  readonly simd: 'simd128' | 'relaxed';
  /** Bytes in use, as of the last answer: of all engines' wasm, and of the GPU's memory. */
  readonly memory: { readonly wasm: number; readonly gpu: number };
}

/** Channels, height and width of an activation, of a picture of `inputSize` pixels. */
export type Shape = readonly [channels: number, height: number, width: number];

/** A convolution. Its padding is half of its kernel, rounded down. */
export interface Convolution {
  /** As torchvision names it, such as `layer1.0.conv1`. */
  readonly name: string;
  /** Height and width of its window. */
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
  /** Of its output. */
  readonly shape: Shape;
  /** The convolutions of F(x), in their order. */
  readonly convs: readonly Convolution[];
  /** The convolution of the shortcut; null where the shortcut is the identity. */
  readonly projection: Convolution | null;
}

/** The model that was loaded. */
export interface Model {
  readonly architecture: 'resnet18' | 'resnet34' | 'resnet50' | 'resnet101' | 'resnet152';
  readonly labels: readonly string[];
  /** Side of the square that the network sees, in pixels. */
  readonly inputSize: number;
  /** What a picture's shorter side is scaled to, before the central square is cut out. */
  readonly resize: number;
  /** Of red, green and blue in [0, 1]. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** As torchvision counts them. */
  readonly parameters: number;
  /** The convolution before the pool and the blocks. */
  readonly stem: Convolution;
  /** The max-pool between the stem and the blocks. */
  readonly pool: { readonly kernel: number; readonly stride: number; readonly output: Shape };
  /** In the network's order. */
  readonly blocks: readonly Block[];
  /** Length of the pooled features, as `embed` returns them. */
  readonly features: number;
  /** Of the file, as 64 hex digits; null on an insecure page (http on another host). */
  readonly sha256: string | null;
  readonly licence: string | null;
  /** Where the model comes from and what it is for, in its maker's words. */
  readonly card: string | null;
}

/** What to record and what to leave out. */
export interface TapOptions {
  /** Blocks to record. Default `'none'`. */
  taps?: 'none' | 'all' | readonly string[];
  /** How a block's channels become one map. Default `'mean-abs'`. */
  reduce?: 'mean-abs' | 'mean' | 'max-abs' | { channel: number };
  /** Names of blocks whose F(x) is left out. */
  ablate?: readonly string[];
  /** The call rejects with AbortError; what is being computed is finished and dropped. */
  signal?: AbortSignal;
}

/** The options of {@link Classifier.classify}. */
export interface ClassifyOptions extends TapOptions {
  /** 1 to the number of classes; default 5, or all where there are fewer. */
  topK?: number;
}

/** The options of {@link Classifier.logits}. */
export interface LogitsOptions extends TapOptions {
  /** Default `[1, 3, inputSize, inputSize]`. Taps need N = 1. */
  shape?: readonly [n: number, channels: number, height: number, width: number];
}

/**
 * A picture. It is never transferred, closed or changed. EXIF orientation is respected, alpha is
 * composited on white, an animation gives its first frame; at most 64 megapixels.
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

/** One class of the answer. */
export interface Prediction {
  index: number;
  label: string;
  /** softmax(logits / temperature). */
  probability: number;
  /** As the network gives it. */
  logit: number;
}

/** One map: a tap, reduced over its channels. */
export interface TapMap {
  height: number;
  width: number;
  /** How many were reduced. */
  channels: number;
  /** `height * width` values, row by row. */
  data: Float32Array;
  /** Smallest and largest of `data`. */
  min: number;
  max: number;
}

/**
 * What was recorded of a block with input x. `input`: x. `shortcut`: x or its projection.
 * `residual`: F(x). `sum`: shortcut + residual, before ReLU. `output`: ReLU(sum).
 *
 * A block that is left out (`ablate`) has residual 0 and sum = shortcut.
 */
export type Tap = { block: string } & Record<TapPartName, TapMap>;

/** Times in ms, measured in the worker. */
export interface Timings {
  /** Decoding, reading and resizing the picture. */
  preprocess: number;
  /** The network, until its logits and maps are in memory: on a GPU with the wait for it. */
  inference: number;
  /** From the logits to the predictions: softmax and sorting. */
  ranking: number;
  /** @deprecated the same as `ranking` under a name that says something else */
  readback: number;
  /**
   * From the worker taking up the call to its answer. Where calls overlap, the end of the one before is
   * in it.
   */
  total: number;
}

/** The answer to {@link Classifier.classify}. */
export interface Classification {
  /** The most probable first, `topK` of them. */
  predictions: Prediction[];
  /** Whether the best probability is below the model's threshold: "not sure". */
  abstained: boolean;
  /** In the network's order. */
  taps?: Tap[];
  timings: Timings;
}

/** The answer to {@link Classifier.logits}. */
export interface Logits {
  /** N × classes. */
  logits: Float32Array;
  taps?: Tap[];
}

/**
 * A loaded model with its engine in a worker. Calls made at the same time are answered in order. On
 * WebGPU two of them overlap: while the GPU computes one, the next is read and handed to it. So calls
 * that do not wait for each other's answers take less time each than calls that do.
 */
export class Classifier {
  private constructor();

  /**
   * Loads engine and model.
   *
   * Rejects with `AbortError`, `BackendUnavailable`, `DeviceLost`, `ModelInvalid`, `InputInvalid`,
   * `OutOfMemory` or `ParityFailed`.
   */
  static load(options?: LoadOptions): Promise<Classifier>;

  /** What computes now; still readable after {@link dispose}. */
  readonly backend: Backend;

  /** The model that was loaded. */
  readonly model: Model;

  /** What is in the picture. Also rejects for a source that cannot be read: `InputInvalid`. */
  classify(source: Source, options?: ClassifyOptions): Promise<Classification>;

  /**
   * The network on numbers: `input` is N×3×H×W, already normalised, finite; H and W are multiples
   * of 32 from 32 to 1024. It is copied, never detached.
   */
  logits(input: Float32Array, options?: LogitsOptions): Promise<Logits>;

  /** The pooled features: 512 numbers, or 2048 for architectures with bottlenecks. */
  embed(source: Source, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /**
   * Ends worker and threads and frees their memory and the GPU's; open and later calls reject with
   * `Disposed`, at once.
   */
  dispose(): Promise<void>;
}
