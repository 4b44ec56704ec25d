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
      return 'The camera is used by another program. Close it there and press Start again.';
    case 'OverconstrainedError':
      return 'That camera is no longer there. Press Start again to use another one.';
    case 'SecurityError':
      return 'Cameras are switched off for this page by the browser or the site that embeds it.';
    default:
      return `The camera did not start: ${message(error)}. Press Start again, or open a picture.`;
  }
}

export const CAMERA_UNPLUGGED =
  'The camera was disconnected. Connect it and press Start again, or open a picture.';

export const CAMERA_NEEDS_HTTPS =
  'Browsers give the camera only to pages from https:// or localhost. Open this page there.';

/** What the library's error names mean for someone in front of the page. @type {Record<string, string>} */
const ADVICE = {
  BackendUnavailable: 'Reload the page, or open it in a current Chrome, Edge, Firefox or Safari.',
  DeviceLost: 'Reload the page to start again.',
  InputInvalid: 'Open another picture: PNG, JPEG, WebP, AVIF or GIF.',
  ModelInvalid: 'Open another .safetensors file, or use the bundled model.',
  OutOfMemory: 'Close other tabs or programs, then reload the page.',
  ParityFailed: 'Open the page with ?backend=cpu.',
};

/** @param {unknown} error what the library rejected with */
export function libraryTrouble(error) {
  const advice = error instanceof Error ? ADVICE[error.name] : undefined;
  const sentence = message(error).replace(/[.\s]*$/, '.');
  return advice ? `${sentence} ${advice}` : sentence;
}

/** @param {unknown} error */
export function message(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}

/**
 * What this browser lacks, as a sentence.
 * @param {string[]} missing
 */
export function unsupported(missing) {
  return `This browser lacks ${missing.join(' and ')}. Chrome or Edge 91, Firefox 114 and Safari 16.4, or later ones, have them.`;
}
