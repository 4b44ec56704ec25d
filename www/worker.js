// The library's worker, in one file without imports once it is bundled. Its first message says what it becomes:
// the worker of a classifier, which loads engines and answers calls, one of that worker's threads, or what converts
// a checkpoint for it.

import { answerCalls } from './lib/worker/calls.js';
import { convertCheckpoint } from './lib/worker/conversion.js';
import { GLUES } from './lib/worker/glues.js';
import { becomeThread } from './lib/thread/thread.js';

/** @import { ConversionStart } from './lib/shared/conversion.js' */
/** @import { LoadMessage } from './lib/shared/protocol.js' */
/** @import { ThreadStart } from './lib/shared/threads.js' */

self.onmessage = (/** @type {MessageEvent<LoadMessage | ThreadStart | ConversionStart>} */ { data: first }) => {
  switch (first.type) {
    case 'load':
      return answerCalls(first, GLUES);
    case 'thread':
      return becomeThread(first, GLUES);
    default:
      return convertCheckpoint(first, GLUES);
  }
};
