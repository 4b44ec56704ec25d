/**
 * Saves the camera's present frame as a file, with its prediction.
 *
 * @typedef {import('../device/store.js').Store} Store
 */

import { saveFrame } from '../device/snapshot.js';
import { percent } from '../text/format.js';
import { message } from '../text/messages.js';
import { isMirrored } from '../text/state.js';

/** Saves the frame, if there is one. @param {Store} store */
export async function savePresentFrame(store) {
  const { answer, settings } = store.state;
  if (answer?.subject.kind !== 'camera') return;
  const { subject, predictions } = answer;
  const lines = predictions.slice(0, 3).map(({ label, probability }) => `${label}  ${percent(probability)}`);
  try {
    // A copy at once: the frame is closed when the next one is answered.
    const still = await createImageBitmap(subject.still);
    await saveFrame(still, isMirrored(subject, settings), lines, `reslens ${predictions[0].label}`);
    still.close();
  } catch (error) {
    store.set({ notice: { text: `The picture could not be saved: ${message(error)}.` } });
  }
}
