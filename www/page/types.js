/**
 * The records that the page passes around. The first group mirrors the library's contract; the
 * second is the page's own state.
 *
 * @typedef {'input'|'shortcut'|'residual'|'sum'|'output'} Part
 *   The five parts of a tap, named as the library names them.
 * @typedef {'mean-abs'|'mean'|'max-abs'|{channel: number}} Reduce
 *   How the channels of an activation become one map.
 * @typedef {{height: number, width: number, channels: number, data: Float32Array, min: number, max: number}} FeatureMap
 *   One part of a tap; `data` has `height * width` cells, row by row.
 * @typedef {{block: string} & Record<Part, FeatureMap>} Tap
 * @typedef {{index: number, label: string, probability: number, logit: number}} Prediction
 * @typedef {{preprocess: number, inference: number, readback: number, total: number}} Timings
 *   Milliseconds.
 * @typedef {{predictions: Prediction[], abstained: boolean, taps?: Tap[], timings: Timings}} Result
 * @typedef {{name: string, kind: 'basic'|'bottleneck', shortcut: 'identity'|'projection', shape: number[]}} Block
 *   `shape` is `[channels, height, width]` of the block's output at the model's input size.
 * @typedef {{architecture: string, labels: string[], inputSize: number, resize?: number, mean: number[],
 *   std: number[], parameters: number, blocks: Block[], sha256: string, licence: string|null,
 *   card?: string|null}} Model
 * @typedef {{kind: 'webgpu'|'cpu', requested: string, reason: string|null, adapter: string|null,
 *   threads: number, simd: string, memory: {wasm: number, gpu: number}}} Backend
 * @typedef {{phase: 'runtime'|'weights'|'compile'|'warmup', loaded: number, total: number|null,
 *   fromCache: boolean}} Progress
 * @typedef {{topK?: number, taps?: 'none'|'all'|string[], reduce?: Reduce, ablate?: string[]}} ClassifyOptions
 * @typedef {{backend: Backend, model: Model,
 *   classify(source: Blob|ImageBitmap, options: ClassifyOptions): Promise<Result>,
 *   dispose(): Promise<void>}} Classifier
 *
 * @typedef {{kind: 'picture', title: string, alt: string, url: string, blob: Blob}} Picture
 * @typedef {{kind: 'camera', title: string, mirrored: boolean, still: ImageBitmap}} Feed
 *   `still` is the frame that was answered last.
 * @typedef {Picture|Feed} Subject
 *   What the stage shows.
 * @typedef {{source: Blob|ImageBitmap, subject: Subject}} Frame
 *   One still or one camera frame, as it is handed to the classifier.
 * @typedef {{subject: Subject, predictions: Prediction[], abstained: boolean, taps: Tap[], timings: Timings,
 *   reduce: Reduce, ablated: string[], full: Prediction[]|null, close: Closeup|null}} Answer
 *   Everything that was asked about one frame. `full` is what the whole network says when blocks
 *   are left out, otherwise null.
 * @typedef {{tap: Tap, reduce: Reduce}} Closeup
 * @typedef {{reduce: 'mean-abs'|'mean'|'max-abs', scale: 'block'|'all', smooth: boolean, steady: boolean}} Settings
 *   `smooth`: interpolate between cells. `steady`: average live probabilities over frames.
 * @typedef {{block: string, part: Part, origin: 'grid'|'closeup'}} Pointed
 *   The map under the pointer or the focus.
 * @typedef {{text: string, action?: {label: string, run(): void}}} Notice
 * @typedef {{
 *   phase: 'loading'|'ready'|'live'|'paused'|'error',
 *   progress: Map<string, Progress>,
 *   notice: Notice|null,
 *   hint: string,
 *   model: Model|null,
 *   backend: Backend|null,
 *   subject: Subject|null,
 *   answer: Answer|null,
 *   fps: number|null,
 *   cameras: {id: string, label: string, current: boolean}[],
 *   settings: Settings,
 *   ablate: string[],
 *   block: string|null,
 *   closeReduce: Reduce,
 *   closeVisible: boolean,
 *   pointed: Pointed|null,
 * }} State
 *   `hint` says in a sentence what the page waits for, or is empty.
 *
 * @typedef {{
 *   openFile(file: Blob): void,
 *   openPicture(picture: {blob: Blob, title: string, alt: string}): void,
 *   startCamera(deviceId?: string): void,
 *   stopCamera(): void,
 *   pauseCamera(): void,
 *   resumeCamera(): void,
 *   configure(settings: Partial<Settings>): void,
 *   inspect(change: {block?: string, closeReduce?: Reduce, closeVisible?: boolean}): void,
 *   leaveOut(block: string, out: boolean): void,
 *   point(pointed: Pointed|null): void,
 *   dismiss(): void,
 * }} Actions
 * @typedef {{actions: Actions, video: HTMLVideoElement}} ViewContext
 * @typedef {{id: string, title: string, mount(root: HTMLElement, context: ViewContext): void,
 *   update(state: State): void, dispose(): void}} View
 *   A view draws the state and calls actions; it knows nothing of the classifier. `update` runs
 *   inside an animation frame.
 */
export {};
