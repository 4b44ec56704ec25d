// The library's worker, in one file without imports once it is bundled. Its first message says what it becomes:
// the worker of a classifier, which loads engines and answers calls, or one of that worker's threads.

import { answerCalls } from './lib/worker/calls.js';
import { GLUES } from './lib/worker/glues.js';
import { becomeThread } from './lib/thread/thread.js';

/** @import { LoadMessage } from './lib/shared/protocol.js' */
/** @import { ThreadStart } from './lib/shared/threads.js' */

self.onmessage = (/** @type {MessageEvent<LoadMessage | ThreadStart>} */ { data: first }) =>
  first.type === 'thread' ? becomeThread(first, GLUES) : answerCalls(first, GLUES);
