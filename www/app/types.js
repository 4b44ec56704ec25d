/**
 * The records that the page passes around: the library's, and the page's own state.
 *
 * @typedef {import('../reslens.js').Backend} Backend
 * @typedef {import('../reslens.js').Block} Block
 * @typedef {import('../reslens.js').Classifier} Classifier
 * @typedef {import('../reslens.js').Convolution} Convolution
 * @typedef {import('../reslens.js').LoadOptions} LoadOptions
 * @typedef {import('../reslens.js').Model} Model
 * @typedef {import('../reslens.js').Prediction} Prediction
 * @typedef {import('../reslens.js').Progress} Progress
 * @typedef {import('../reslens.js').Tap} Tap
 * @typedef {import('../reslens.js').TapMap} FeatureMap
 * @typedef {import('../reslens.js').TapPartName} Part
 * @typedef {import('../reslens.js').Timings} Timings
 * @typedef {import('./device/samples.js').Sample} Sample
 * @typedef {'mean-abs'|'mean'|'max-abs'|{channel: number}} Reduce
 *   How the channels of an activation become one map.
 *
 * @typedef {{kind: 'picture', title: string, credit: string, alt: string, url: string, blob: Blob}} Picture
 *   `credit`: whose it is, where the page knows it.
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
 * @typedef {{reduce: 'mean-abs'|'mean'|'max-abs', scale: 'block'|'all', smooth: boolean, steady: boolean,
 *   mirror: boolean|null}} Settings
 *   `smooth`: interpolate between cells. `steady`: average live probabilities over frames. `mirror`:
 *   show the camera mirrored; null: unless it looks away from the visitor.
 * @typedef {{model: Model|null, subject: Subject|null, ablated: string[], block: string|null,
 *   seen: Map<number, FeatureMap>, count: number, order: 'number'|'strength', first: number}} Channels
 *   The F(x) of single channels of one block, about one frame. `seen` grows in place while `count`,
 *   its size, tells that it did. `first`: where in `order` the part that is shown begins.
 * @typedef {{fps: number, latency: number}} Pace
 *   Of the camera's frames over the last second: answers per second, and the mean time in ms from taking
 *   a frame to its answer.
 * @typedef {{block: string, part: Part, origin: 'grid'|'closeup'}} Pointed
 *   The map under the pointer or the focus.
 * @typedef {{text: string, kind?: 'error'|'news', action?: {label: string, run(): void}}} Notice
 *   `kind`: news is no error: all goes on. Default: error.
 * @typedef {{
 *   phase: 'loading'|'ready'|'live'|'paused'|'error',
 *   online: boolean,
 *   loading: boolean,
 *   wanted: 'auto'|'webgpu'|'cpu',
 *   progress: Map<string, Progress>,
 *   notice: Notice|null,
 *   hint: string,
 *   samples: readonly Sample[],
 *   model: Model|null,
 *   backend: Backend|null,
 *   subject: Subject|null,
 *   answer: Answer|null,
 *   pace: Pace|null,
 *   cameras: {id: string, label: string, current: boolean}[],
 *   settings: Settings,
 *   ablate: string[],
 *   block: string|null,
 *   closeReduce: Reduce,
 *   closeVisible: boolean,
 *   channelChosen: boolean,
 *   channels: Channels,
 *   pointed: Pointed|null,
 * }} State
 *   `loading`: an engine is on its way, perhaps while the former one goes on answering. `wanted`: the
 *   backend that was asked for. `hint` says in a sentence what the page waits for, or is empty.
 *   `channelChosen`: by the visitor; otherwise the page shows a strong one.
 *
 * @typedef {{
 *   openFile(file: Blob): void,
 *   openSample(sample: Sample): void,
 *   startCamera(deviceId?: string): void,
 *   stopCamera(): void,
 *   pauseCamera(): void,
 *   resumeCamera(): void,
 *   configure(settings: Partial<Settings>): void,
 *   runOn(backend: 'auto'|'webgpu'|'cpu'): void,
 *   openBlock(block: string): void,
 *   inspect(change: {closeReduce: Reduce, channelChosen?: boolean}): void,
 *   setCloseupVisible(visible: boolean): void,
 *   setChannelPage(change: {order?: 'number'|'strength', first?: number}): void,
 *   setAblated(block: string, ablated: boolean): void,
 *   setPointedMap(pointed: Pointed|null): void,
 *   dismiss(): void,
 * }} Actions
 * @typedef {{actions: Actions, video: HTMLVideoElement}} ViewContext
 * @typedef {(state: State) => void} Update
 *   Draws a state, inside an animation frame.
 * @typedef {{id: string, mount(root: HTMLElement, context: ViewContext): Update}} View
 *   `mount` finds and builds what the view needs inside the element `id`, once. A view draws the state
 *   and calls actions; it knows nothing of the classifier.
 */
export {};
