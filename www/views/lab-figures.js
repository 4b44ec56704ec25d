/**
 * The charts of a pair of networks: a quantity by layer, the weights that have changed, the loss. They are drawn while it
 * trains.
 *
 * @typedef {import('../app/lab-types.js').Pair} Pair
 * @typedef {import('../app/lab-types.js').Quantity} Quantity
 */

import { changedChart, layerChart, lossChart, QUANTITIES } from '../app/text/lab-charts.js';
import { message } from '../app/text/messages.js';
import { chart } from './chart.js';
import { element } from './dom.js';
import { strip } from './strip.js';

/** The shortest time between drawings while a network trains, in ms: twelve a second. */
const PAUSE_MS = 80;

/** On a slow machine, drawing takes at most this fraction of the time (one in so many). */
const SHARE = 4;

/**
 * Puts charts into a part of the page.
 * @param {HTMLElement} root
 * @param {string} name of the part, for files
 * @param {{moment: 'first'|'last', say(text: string): void}} options which step is shown initially
 * @returns {(pair: Pair|undefined) => void} draws
 */
export function pairFigures(root, name, { moment, say }) {
  const trouble = (/** @type {unknown} */ error) => say(`The file could not be made: ${message(error)}.`);
  const shown = choice('by layer', Object.entries(QUANTITIES).map(([value, { title }]) => [value, title]));
  const when = choice('at', [['first', 'the first step'], ['last', 'the last step']]);
  when.select.value = moment;
  const layers = chart(QUANTITIES.gradient.title, `lab-${name}-layers`, trouble);
  const changed = strip('Weights changed by training', `lab-${name}-changed`, trouble);
  const loss = chart('Loss of the batches', `lab-${name}-loss`, trouble);
  root.append(element('p', { class: 'figure-choice' }, [shown.label, when.label]), layers.element, changed.element, loss.element);
  /** @type {Pair|undefined} */
  let last;
  /** When to draw charts next. */
  let due = -Infinity;
  /** The layers that are shown. @type {unknown[]} */
  let drawn = [];
  for (const { select } of [shown, when]) select.addEventListener('change', () => last && drawLayers(last, false));

  return (pair) => {
    if (!pair || pair === last) return;
    const start = performance.now();
    const live = pair.running;
    if (live && start < due) return;
    last = pair;
    due = start + PAUSE_MS;
    inTurn([() => drawLayers(pair, live), () => changed.draw(changedChart(pair), live), () => loss.draw(lossChart(pair), live)]);
  };

  /** One chart a frame, so that none is late. @param {(() => void)[]} charts */
  function inTurn([draw, ...others]) {
    const start = performance.now();
    draw();
    due = Math.max(due, start + SHARE * (performance.now() - start));
    if (others.length > 0) requestAnimationFrame(() => inTurn(others));
  }

  /** Draws what has changed of the layers. @param {Pair} pair @param {boolean} live */
  function drawLayers(pair, live) {
    const at = /** @type {'first'|'last'} */ (when.select.value);
    const about = [pair.plain?.[at], pair.residual?.[at], shown.select.value, live];
    if (about.every((part, index) => part === drawn[index])) return;
    drawn = about;
    layers.draw(layerChart(pair, /** @type {Quantity} */ (shown.select.value), at), live);
  }
}

/** @param {string} name @param {string[][]} options values and their names */
function choice(name, options) {
  const select = element('select', {}, options.map(([value, text]) => element('option', { value }, [text])));
  return { select, label: element('label', {}, [name, ' ', select]) };
}
