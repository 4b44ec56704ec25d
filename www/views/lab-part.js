/**
 * The common base of the lab's parts: each begins when it is reached, shows progress, ends in a sentence, and offers its
 * numbers as a file.
 *
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 * @typedef {import('../app/lab-types.js').Pair} Pair
 * @typedef {import('../app/lab-types.js').PairName} PairName
 */

import { save } from '../app/device/download.js';
import { coursesOf } from '../app/text/lab-charts.js';
import { pairJson } from '../app/text/lab-record.js';
import { need, setText } from './dom.js';

/** The share of a part that must be visible for it to begin. */
const REACHED = 0.15;

/** Calls `reached` once, when an element comes into view. @param {HTMLElement} root @param {() => void} reached */
export function whenReached(root, reached) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    reached();
  }, { threshold: REACHED });
  observer.observe(need(root, 'h2', HTMLElement));
}

/**
 * A part that trains.
 * @param {HTMLElement} root
 * @param {PairName} name
 * @param {LabContext} context
 * @param {(pair: Pair) => string} words describes the result
 * @returns {(pair: Pair|undefined) => void} draws
 */
export function trainingPart(root, name, { lab }, words) {
  const progress = need(root, 'progress', HTMLProgressElement);
  const stop = need(root, '.stop', HTMLButtonElement);
  const take = need(root, '.take', HTMLButtonElement);
  const found = need(root, '.found', HTMLElement);
  /** @type {Pair|undefined} */
  let last;
  whenReached(root, () => lab.reach(name));
  stop.addEventListener('click', () => lab.stop(name));
  take.addEventListener('click', () => {
    if (last) save(new Blob([pairJson(last)], { type: 'application/json' }), `reslens-lab-${name}.json`);
  });
  return (pair) => {
    if (pair === last) return;
    last = pair;
    const courses = pair ? coursesOf(pair) : [];
    const running = Boolean(pair?.running);
    stop.disabled = !running;
    take.disabled = !courses.some(({ result }) => result);
    progress.classList.toggle('idle', !running);
    progress.max = Math.max(1, courses.reduce((sum, { steps }) => sum + steps, 0));
    progress.value = courses.reduce((sum, { step }) => sum + step, 0);
    root.dataset.running = String(running);
    setText(found, pair && !running ? words(pair) || '\u00a0' : '\u00a0');
  };
}
