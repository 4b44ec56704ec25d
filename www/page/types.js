/**
 * The records that the page passes around: the library's, and the page's own state.
 *
 * @typedef {import('../reslens.js').Backend} Backend
 * @typedef {import('../reslens.js').Block} Block
 * @typedef {import('../reslens.js').Classifier} Classifier
 * @typedef {import('../reslens.js').LoadOptions} LoadOptions
 * @typedef {import('../reslens.js').Model} Model
 * @typedef {import('../reslens.js').Prediction} Prediction
 * @typedef {import('../reslens.js').Progress} Progress
 * @typedef {import('../reslens.js').Tap} Tap
 * @typedef {import('../reslens.js').TapMap} FeatureMap
 * @typedef {import('../reslens.js').TapPartName} Part
 * @typedef {import('../reslens.js').Timings} Timings
 * @typedef {'mean-abs'|'mean'|'max-abs'|{channel: number}} Reduce
 *   How the channels of an activation become one map.
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
