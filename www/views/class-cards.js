/**
 * The visitor's classes: a card for each, with its name, a record button, and its examples.
 *
 * @typedef {import('../app/types.js').ClassCard} ClassCard
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Teaching} Teaching
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {import('../app/types.js').TeachingState['recording']} Recording
 * @typedef {{item: HTMLElement, update(card: ClassCard, recording: Recording, ready: boolean, few: boolean): void,
 *    remove(): void}} CardView
 */

import { adviceWords, countWords } from '../app/text/teaching.js';
import { element, need, setText } from './dom.js';
import { ExampleStrip } from './example-strip.js';

export const id = 'classes';

/** How long the button that need not be held records, in ms. */
const TIMED_MS = 3000;

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { teaching }) {
  if (!teaching) throw new Error('This page teaches no classes.');
  const list = need(root, '#class-list', HTMLElement);
  const advice = need(root, '#class-advice', HTMLElement);
  /** By the key of the card. @type {Map<number, CardView>} */
  const views = new Map();
  /** @type {State['teaching']} */
  let drawn = null;
  let wasReady = false;
  need(root, '#add-class', HTMLButtonElement).addEventListener('click', () => teaching.addCard());

  return (state) => {
    const ready = state.model !== null && state.answer !== null;
    if (!state.teaching || (state.teaching === drawn && ready === wasReady)) return;
    [drawn, wasReady] = [state.teaching, ready];
    const { cards } = drawn;
    for (const [key, { item, remove }] of views) {
      if (cards.some((card) => card.key === key)) continue;
      remove();
      item.remove();
      views.delete(key);
    }
    for (const card of cards) {
      const view = views.get(card.key) ?? makeCard(card.key, teaching);
      views.set(card.key, view);
      if (!view.item.isConnected) list.append(view.item);
      view.update(card, drawn.recording, ready, cards.length <= 2);
    }
    setText(advice, adviceWords(drawn));
  };
}

/** @param {number} key @param {Teaching} teaching @returns {CardView} */
function makeCard(key, teaching) {
  const name = element('input', { type: 'text', maxlength: '60', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'name of the class' });
  const hold = element('button', { type: 'button', class: 'record' }, ['Hold to record']);
  const timed = element('button', { type: 'button' }, ['3 s']);
  const remove = element('button', { type: 'button', class: 'remove-class' }, ['×']);
  const count = element('p', { class: 'note' });
  const examples = new ExampleStrip((example) => teaching.forget(example), hold);
  const item = element('li', { class: 'class-card' }, [
    element('div', { class: 'class-head' }, [name, remove]),
    element('div', { class: 'class-buttons' }, [hold, timed]),
    count,
    examples.list,
  ]);
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  name.addEventListener('change', () => teaching.rename(key, name.value));
  name.addEventListener('keydown', (event) => event.key === 'Enter' && name.blur());
  remove.addEventListener('click', () => teaching.removeCard(key));
  holdToRecord(hold, () => teaching.record(key), () => teaching.stop());
  timed.addEventListener('click', () => {
    clearTimeout(timer);
    teaching.record(key);
    timer = setTimeout(() => teaching.stop(), TIMED_MS);
  });
  acceptDrop(item, (files) => teaching.addFiles(key, files));

  return {
    item,
    remove: () => examples.clear(),
    update(card, recording, ready, few) {
      const { label } = card;
      const another = recording !== null && recording.key !== key;
      if (document.activeElement !== name) name.value = label;
      item.classList.toggle('recording', recording?.key === key);
      hold.disabled = !ready || another;
      timed.disabled = hold.disabled || recording !== null;
      timed.setAttribute('aria-label', `3 s: record ${label}`);
      hold.setAttribute('aria-label', `Hold to record ${label}`);
      remove.setAttribute('aria-label', `remove ${label}`);
      remove.hidden = few;
      setText(count, countWords(card, recording));
      examples.update(card);
    },
  };
}

/**
 * Calls functions when a button is pressed and released, by a pointer or by a key.
 * @param {HTMLButtonElement} button
 * @param {() => void} start
 * @param {() => void} stop
 */
function holdToRecord(button, start, stop) {
  const isKey = (/** @type {KeyboardEvent} */ { key }) => key === ' ' || key === 'Enter';
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    start();
  });
  button.addEventListener('lostpointercapture', stop);
  button.addEventListener('keydown', (event) => {
    if (!isKey(event)) return;
    event.preventDefault();
    if (!event.repeat) start();
  });
  button.addEventListener('keyup', (event) => isKey(event) && stop());
  button.addEventListener('blur', stop);
  // A long press on a touch screen would open a menu.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
}

/** @param {HTMLElement} target @param {(files: File[]) => void} open */
function acceptDrop(target, open) {
  target.addEventListener('drop', (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise the page would open them
    document.documentElement.classList.remove('dropping');
    open(files);
  });
}
