/**
 * Puts views on the page: each into the element that carries its `id`.
 *
 * @typedef {import('../app/types.js').View} View
 * @typedef {import('../app/types.js').ViewContext} ViewContext
 * @typedef {import('../app/device/store.js').Store} Store
 */

import { need } from './dom.js';

/**
 * Mounts views and keeps each drawn after every change of the state.
 * @param {readonly View[]} views
 * @param {Store} store
 * @param {ViewContext} context
 * @throws {Error} if the document lacks an element that a view needs
 */
export function mountViews(views, store, context) {
  for (const { id, mount } of views) {
    store.onDraw(mount(need(document, `#${id}`, HTMLElement), context));
  }
}
