/** Errors in the visitor's words: what happened and what to do. */

/** @param {unknown} error what `getUserMedia` rejected with */
export function cameraTrouble(error) {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
      return 'The camera was not allowed. Allow it for this page in the browser’s address bar, then press Start again.';
    case 'NotFoundError':
      return 'No camera was found. Connect one and press Start again, or open a picture.';
    case 'NotReadableError':
    case 'AbortError':
      return 'Another program is using the camera. Close it there and press Start again.';
    case 'OverconstrainedError':
      return 'That camera is no longer connected. Press Start again to use another one.';
    case 'SecurityError':
      return 'Cameras are switched off for this page by the browser or the site that embeds it.';
    default:
      return `The camera failed: ${message(error)}. Press Start again, or open a picture.`;
  }
}

/** The notice when the camera is disconnected while it is live. */
export const CAMERA_UNPLUGGED =
  'The camera was disconnected. Connect it and press Start again, or open a picture.';

/** The notice while the camera is live and sends no picture. */
export const CAMERA_MUTED =
  'The camera sends no picture: it is covered, switched off, or in use by another program.';

/** The notice if browsers give no camera to the page's address. */
export const CAMERA_NEEDS_HTTPS =
  'Browsers give the camera only to pages from https:// or localhost. Open this page there.';

/** The notice when a file of taught classes is opened on the first page. */
export const CLASSES_ELSEWHERE = 'These are taught classes: open them on the page “Teach”.';

/** The advice to a visitor for each of the library's error names. @type {Record<string, string>} */
const ADVICE = {
  BackendUnavailable: 'Reload the page, or open it in a current Chrome, Edge, Firefox or Safari.',
  DeviceLost: 'Reload the page to start again.',
  InputInvalid: 'Open another picture: PNG, JPEG, WebP, AVIF or GIF.',
  ModelInvalid: 'Open another .safetensors or .pth file, or use the bundled model.',
  OutOfMemory: 'Close other tabs or programs, then reload the page.',
  ParityFailed: 'Open the page with ?backend=cpu.',
};

/**
 * @param {unknown} error what the library rejected with
 * @param {boolean} [advise] whether to say what to do
 */
export function libraryTrouble(error, advise = true) {
  const advice = error instanceof Error && advise ? ADVICE[error.name] : undefined;
  return advice ? `${sentence(message(error))} ${advice}` : sentence(message(error));
}

/**
 * The notice when classes cannot be kept on this device.
 * @param {unknown} error the browser's
 * @param {boolean} older whether an earlier version is still kept
 */
export function notKept(error, older) {
  const full = error instanceof Error && error.name === 'QuotaExceededError';
  const why = full ? 'the storage that the browser gives to this site is full' : message(error).replace(/\.$/, '');
  const rest = older ? ' The earlier version is still kept.' : '';
  return `Your classes could not be kept on this device: ${why}. Save them as a file.${rest}`;
}

/** The notice without a connection on the first visit. */
export const OFFLINE =
  'You are offline, and the engine and the model are not stored yet. Loading resumes when you reconnect.';

/**
 * Returns the notice that the CPU has taken over, and why.
 * @param {string} reason
 * @param {() => unknown} again tries the GPU once more
 * @returns {import('../types.js').Notice}
 */
export function tookOver(reason, again) {
  return {
    kind: 'news',
    text: `The CPU took over from the GPU. ${sentence(reason)}`.trim(),
    action: { label: 'Try the GPU again', run: () => void again() },
  };
}

/** Makes a text begin with a capital and end with a full stop. @param {string} text */
export function sentence(text) {
  const bare = text.replace(/[.\s]*$/, '');
  return bare && `${bare[0].toUpperCase()}${bare.slice(1)}.`;
}

/** @param {unknown} error */
export function message(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}

/**
 * Returns the missing features as a sentence.
 * @param {string[]} missing
 */
export function unsupported(missing) {
  return `This browser lacks ${missing.join(' and ')}. Use Chrome or Edge 112, Firefox 114, Safari 16.4 or later.`;
}
