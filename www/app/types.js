/**
 * The page's types: the library's records, and the page's own state.
 *
 * @typedef {import('../reslens.js').Backend} Backend
 * @typedef {import('../reslens.js').Block} Block
 * @typedef {import('../reslens.js').BlockGradients} BlockGradients
 * @typedef {import('../reslens.js').BlockStats} BlockStats
 * @typedef {import('../reslens.js').Cam} Cam
 * @typedef {import('../reslens.js').CellMap} CellMap
 * @typedef {import('../reslens.js').Classifier} Classifier
 * @typedef {import('../reslens.js').Convolution} Convolution
 * @typedef {import('../reslens.js').Gradients} Gradients
 * @typedef {import('../reslens.js').LoadOptions} LoadOptions
 * @typedef {import('../reslens.js').Model} Model
 * @typedef {import('../reslens.js').Path} Path
 *   One of the two paths through a block: F(x), or the shortcut.
 * @typedef {import('../reslens.js').Prediction} Prediction
 * @typedef {import('../reslens.js').Progress} Progress
 * @typedef {import('../reslens.js').Sweep} Sweep
 * @typedef {import('../reslens.js').Tap} Tap
 * @typedef {import('../reslens.js').TapMap} FeatureMap
 * @typedef {import('../reslens.js').TapPartName} Part
 * @typedef {import('../reslens.js').Timings} Timings
 * @typedef {import('../teach.js').Example} Example
 * @typedef {import('../teach.js').Examination} Examination
 * @typedef {import('./device/samples.js').Sample} Sample
 * @typedef {'mean-abs'|'mean'|'max-abs'|{channel: number}} Reduce
 *   How the channels of an activation become one map.
 *
 * @typedef {{kind: 'picture', title: string, credit: string, alt: string, url: string, blob: Blob}} Picture
 *   `credit`: its author, if known.
 * @typedef {{kind: 'camera', title: string, mirrored: boolean, still: ImageBitmap}} Feed
 *   `still` is the frame that was answered last.
 * @typedef {Picture|Feed} Subject
 *   What the stage shows.
 * @typedef {{block: string, path: Path}} Cut
 *   A path that is left out of the network.
 * @typedef {{source: Blob|ImageBitmap, subject: Subject}} Frame
 *   One still or one camera frame, as it is handed to the classifier.
 * @typedef {{subject: Subject, predictions: Prediction[], abstained: boolean, taps: Tap[], timings: Timings,
 *   reduce: Reduce, ablated: readonly Cut[], full: Prediction[]|null, close: Closeup|null, stats: BlockStats[],
 *   cam: Cam|null, features?: Float32Array, own?: boolean}} Answer
 * Everything that was requested about one frame. `full` is the answer of the whole network if paths are left out,
 * otherwise null. `cam` and `features` are present if requested. `own`: the predictions are of classes that the visitor
 * has taught; it abstains if it is none of them.
 * @typedef {{tap: Tap, reduce: Reduce}} Closeup
 * @typedef {{reduce: 'mean-abs'|'mean'|'max-abs', scale: 'block'|'all', smooth: boolean, steady: boolean,
 *   mirror: boolean|null}} Settings
 *   `smooth`: interpolate between cells. `steady`: average live probabilities over frames. `mirror`:
 *   show the camera mirrored; null: unless it looks away from the visitor.
 * @typedef {{model: Model|null, subject: Subject|null, ablated: readonly Cut[], block: string|null,
 *   seen: Map<number, FeatureMap>, count: number, order: 'number'|'strength', first: number}} Channels
 *   The F(x) of single channels of one block, about one frame. `seen` grows in place while `count`,
 *   its size, signals that. `first`: the index in `order` of the first channel on display.
 * @typedef {'shortcut'|'residual'|'total'} EvidencePart
 * @typedef {{index: number|null, part: EvidencePart}} EvidenceChoice
 *   The class whose evidence overlays the picture (null: the likeliest one), and the path of the evidence.
 * @typedef {{title: string, picture: ImageBitmap, model: Model, done: number, total: number, running: boolean,
 *   residual: Sweep|null, shortcut: Sweep|null}} SweepState
 *   How one picture fares without each block: without its F(x), and without its shortcut. `done` and `total` count
 *   blocks, of both paths together; `picture` is a small copy of the frame.
 * @typedef {{answer: Answer, block: string, cuts: readonly Cut[], whole: Gradients, cut: Gradients|null,
 *   exact: CellMap|null, pace: Pace|null}} GradientFound
 * The gradient of one frame: of the whole network and, if it is cut, of the cut one; with Grad-CAM of `block`. `exact`:
 * at the last block, the class activation map, which Grad-CAM equals there. `pace`: its own.
 * @typedef {{on: boolean, seen: boolean, overlay: boolean, progress: Progress|null, found: GradientFound|null}} GradientState
 *   `seen`: whether its view is visible. `overlay`: whether Grad-CAM is over the picture. `progress`: of fetching its file.
 * @typedef {{block: string|null, reduce: Settings['reduce']|null, channel: number|null, cuts: Cut[], troubles: string[]}} LinkedView
 *   `troubles`: the parts of the address that cannot be shown, each in a sentence.
 * @typedef {{key: number, label: string, examples: readonly Example[]}} ClassCard
 *   A class that the visitor teaches; at first without examples.
 * @typedef {{cards: readonly ClassCard[], recording: {key: number, count: number, alike: number}|null, yours: boolean,
 *   learnt: readonly string[]|null, examination: Examination|null, keep: boolean}} TeachingState
 *   `alike`: frames of the take that were near copies and dropped. `yours`: answers are of `learnt` labels, if there
 *   are any, rather than of the model's own. `examination`: the measured accuracy, once requested. `keep`: on
 *   this device.
 * @typedef {{fps: number, latency: number}} Pace
 *   Of the camera's frames over the last second: answers per second, and the mean time in ms from taking
 *   a frame to its answer.
 * @typedef {{block: string, part: Part, origin: 'grid'|'closeup'}} Pointed
 *   The map under the pointer or the focus.
 * @typedef {{build: string, sealed: boolean, since: number, device: number, network: number, refused: number}} ServiceStatus
 *   The service worker's status: its build, whether the page is sealed, and how many requests it answered since
 *   `since` (ms since 1970) from this device and by the network, and refused.
 * @typedef {{text: string, kind?: 'error'|'news', action?: {label: string, run(): void}}} Notice
 *   `kind`: news is not an error. Default: error.
 * @typedef {{
 *   phase: 'loading'|'ready'|'live'|'paused'|'error',
 *   online: boolean,
 *   service: ServiceStatus|null,
 *   storing: string,
 *   nextVisit: string,
 *   installer: Event|null,
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
 *   ablate: readonly Cut[],
 *   evidence: EvidenceChoice|null,
 *   sweep: SweepState|null,
 *   gradient: GradientState,
 *   linked: string|null,
 *   modelUrl: string|null|undefined,
 *   block: string|null,
 *   closeReduce: Reduce,
 *   closeVisible: boolean,
 *   channelChosen: boolean,
 *   channels: Channels,
 *   pointed: Pointed|null,
 *   teaching: TeachingState|null,
 *   lab?: import('./lab-types.js').LabState,
 * }} State
 * `loading`: an engine is being loaded, perhaps while the previous one still answers. `wanted`: the requested backend.
 * `hint` says in a sentence what the page waits for, or is empty. `channelChosen`: by the visitor; otherwise the page
 * shows a strong one. `linked`: the query of the page's address, until there is a model that can show what it requests.
 * `modelUrl`: null for the bundled model, undefined for a file of the visitor's. `teaching`: null on other pages, which
 * have no `lab` either.
 *   `storing`: 'done' when everything is stored for a visit without a connection, '' before, otherwise why it is not.
 *   `nextVisit`: added to the reason of a backend: the gain of the next visit, or ''.
 *   `installer`: the browser's offer to install the page, if it made one.
 *
 * @typedef {{
 *   openFiles(files: Blob[]): void,
 *   openSample(sample: Sample): void,
 *   startCamera(deviceId?: string): void,
 *   stopCamera(): void,
 *   pauseCamera(): void,
 *   resumeCamera(): void,
 *   saveFrame(): void,
 *   configure(settings: Partial<Settings>): void,
 *   runOn(backend: 'auto'|'webgpu'|'cpu'): void,
 *   openBlock(block: string): void,
 *   inspect(change: {closeReduce: Reduce, channelChosen?: boolean}): void,
 *   setCloseupVisible(visible: boolean): void,
 *   setChannelPage(change: {order?: 'number'|'strength', first?: number}): void,
 *   setCut(block: string, path: Path, out: boolean): void,
 *   cutIdentitySkips(): void,
 *   restorePaths(): void,
 *   showEvidence(choice: EvidenceChoice|null): void,
 *   showGradient(change: Partial<Pick<GradientState, 'on'|'seen'|'overlay'>>): Promise<void>,
 *   runSweep(): Promise<void>,
 *   cancelSweep(): Promise<void>,
 *   say(text: string): void,
 *   setPointedMap(pointed: Pointed|null): void,
 *   dismiss(): void,
 * }} Actions
 * @typedef {import('./control/teaching.js').Teaching} Teaching
 * @typedef {{actions: Actions, video: HTMLVideoElement, teaching?: Teaching}} ViewContext
 *   `teaching`: on the page where classes are taught.
 * @typedef {(state: State) => void} Update
 *   Draws a state, inside an animation frame.
 * @typedef {{id: string, mount(root: HTMLElement, context: ViewContext): Update}} View
 *   `mount` finds and builds what the view needs inside the element `id`, once. A view draws the state
 *   and calls actions; it knows nothing of the classifier.
 */
export {};
