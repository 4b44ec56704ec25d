/**
 * The texts about the visitor's own classes.
 *
 * @typedef {import('../types.js').ClassCard} ClassCard
 * @typedef {import('../types.js').Examination} Examination
 * @typedef {import('../types.js').TeachingState} TeachingState
 */

/** The labels that a page starts with. */
export const FIRST_LABELS = ['Class 1', 'Class 2'];

/** Returns a label that no card has. @param {readonly ClassCard[]} cards */
export function freeLabel(cards) {
  let number = cards.length + 1;
  while (cards.some(({ label }) => label === `Class ${number}`)) number += 1;
  return `Class ${number}`;
}

/** Returns the name of a class's next take. @param {ClassCard['examples']} examples */
export function takeName(examples) {
  return String(1 + Math.max(0, ...examples.map(({ take }) => Number(take) || 0)));
}

/** Describes how much a class has. @param {ClassCard} card @param {TeachingState['recording']} recording */
export function countWords({ key, examples }, recording) {
  if (recording?.key === key) {
    const dropped = recording.alike > 0 ? `, ${recording.alike} near copies dropped` : '';
    return `recording: ${recording.count}${dropped}`;
  }
  const takes = new Set(examples.map(({ take }) => take)).size;
  if (takes === 0) return 'nothing yet';
  return `${examples.length} ${examples.length === 1 ? 'example' : 'examples'} in ${takes} ${takes === 1 ? 'take' : 'takes'}`;
}

/** Returns advice on the next step. @param {TeachingState} teaching */
export function adviceWords({ cards, learnt, yours }) {
  const shown = cards.filter(({ examples }) => examples.length > 0).length;
  if (shown === 0) return 'Hold something up to the camera, and hold the button of its class. Then do the same with something else.';
  if (!learnt) return 'One class is ready. Record another, and the page tells them apart at once.';
  return yours ? `Learnt: ${learnt.join(', ')}. Show them again, and something else.` : 'Learnt. The answer now uses the model’s own classes.';
}

/** @param {number} share */
const whole = (share) => `${Math.round(100 * share)}\u00a0%`;

/** Describes an examination in sentences. @param {Examination} examination */
export function examinationWords({ accuracy, interval, takes, weakest, refusedUnknown }) {
  if (accuracy === null || !interval) {
    return ['Nothing is known yet: frames of one take are near copies of each other. Record each class again, from another side.'];
  }
  const words = [
    `${takes} takes, each left out once: ${whole(accuracy)} of their examples are classified correctly. ` +
      `With so few takes, the true value lies between ${whole(interval[0])} and ${whole(interval[1])}.`,
  ];
  if (weakest.length > 0) words.push(`Most often confused: ${weakest[0]}, called ${weakest[1]}.`);
  if (refusedUnknown !== null) words.push(`Of a class left out of teaching, it calls ${whole(refusedUnknown)} none of these.`);
  return words;
}
