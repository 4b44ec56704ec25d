// The library's worker, in one file without imports once it is bundled. Its first message decides what it becomes: the
// worker of a classifier, which loads engines and answers calls; one of that worker's threads; a converter of
// checkpoints for it; the worker that computes gradients; or a lab's.

import { answerCalls } from './lib/worker/calls.js';
import { convertCheckpoint } from './lib/worker/conversion.js';
import { differentiate } from './lib/worker/gradients.js';
import { GLUES } from './lib/worker/glues.js';
import { openLab } from './lib/worker/lab.js';
import { becomeThread } from './lib/thread/thread.js';

/** @import { ConversionStart } from './lib/shared/conversion.js' */
/** @import { GradientsStart } from './lib/shared/gradients.js' */
/** @import { LabStart } from './lib/shared/lab.js' */
/** @import { LoadMessage } from './lib/shared/protocol.js' */
/** @import { ThreadStart } from './lib/shared/threads.js' */

/** @typedef {LoadMessage | ThreadStart | ConversionStart | GradientsStart | LabStart} First */

self.onmessage = (/** @type {MessageEvent<First>} */ { data: first }) => {
  switch (first.type) {
    case 'load':
      return answerCalls(first, GLUES);
    case 'thread':
      return becomeThread(first, GLUES);
    case 'gradients':
      return differentiate(first, GLUES);
    case 'lab':
      return openLab(first, GLUES);
    default:
      return convertCheckpoint(first, GLUES);
  }
};
