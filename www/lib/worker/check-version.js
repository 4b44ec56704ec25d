// Page and worker compare their versions before anything else.

import { failure } from '../shared/errors.js';
import { VERSION } from '../shared/version.js';

/**
 * Refuses a page that runs another build of the library, whose messages may differ.
 * @param {string} version the page's
 */
export function checkVersion(version) {
  if (version === VERSION) return;
  throw failure(
    'BackendUnavailable',
    `worker.js has version ${VERSION}, the library on the page ${version}: copy all files of the library ` +
      'again (`npx reslens copy`), then reload the page',
  );
}
