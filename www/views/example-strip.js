/**
 * The thumbnails of a class's examples. A press removes one.
 *
 * @typedef {import('../app/types.js').ClassCard} ClassCard
 * @typedef {import('../app/types.js').Example} Example
 */

import { element } from './dom.js';

export class ExampleStrip {
  list = element('ul', { class: 'examples' });
  /** By the id of the example. @type {Map<string, {item: HTMLElement, button: HTMLButtonElement, url: string}>} */
  #shown = new Map();
  /** The class on display. @type {ClassCard|null} */
  #card = null;
  #remove;
  #next;

  /** @param {(id: string) => void} remove @param {HTMLElement} next gets the focus when no example is left */
  constructor(remove, next) {
    this.#remove = remove;
    this.#next = next;
  }

  /** @param {ClassCard} card */
  update(card) {
    const { label, examples } = card;
    if (label === this.#card?.label && examples === this.#card.examples) return;
    this.#card = card;
    const ids = new Set(examples.map(({ id }) => id));
    for (const [id, { item, url }] of this.#shown) {
      if (ids.has(id)) continue;
      this.#moveFocus(item);
      URL.revokeObjectURL(url);
      item.remove();
      this.#shown.delete(id);
    }
    this.list.hidden = examples.length === 0;
    examples.forEach((example, index) => {
      const shown = this.#shown.get(example.id) ?? this.#add(example);
      shown.button.setAttribute('aria-label', `remove example ${index + 1} of ${label}`);
    });
  }

  clear() {
    this.update({ key: 0, label: '', examples: [] });
  }

  /** @param {Example} example */
  #add({ id, take, thumbnail }) {
    const url = thumbnail ? URL.createObjectURL(thumbnail) : '';
    const picture = thumbnail ? element('img', { src: url, alt: '', width: '48', height: '48' }) : element('span', {}, ['?']);
    const button = element('button', { type: 'button', title: `take ${take}: press to remove` }, [picture]);
    button.addEventListener('click', () => this.#remove(id));
    const item = element('li', {}, [button]);
    this.list.append(item);
    const shown = { item, button, url };
    this.#shown.set(id, shown);
    return shown;
  }

  /** Moves the focus from a removed item to its neighbour. @param {HTMLElement} item */
  #moveFocus(item) {
    if (!item.contains(document.activeElement)) return;
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    const target = neighbour?.querySelector('button') ?? this.#next;
    target.focus();
  }
}
