/**
 * Mounts views on the page, each in the element with its `id`.
 *
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {import('../app/device/store.js').Store} Store
 */

import { need } from './dom.js';

/**
 * Mounts views and keeps each drawn after every change of the state.
 * @template Context what the page gives to its views
 * @param {readonly {id: string, mount(root: HTMLElement, context: NoInfer<Context>): Update}[]} views
 * @param {Store} store
 * @param {Context} context
 * @throws {Error} if the document lacks an element that a view needs
 */
export function mountViews(views, store, context) {
  for (const { id, mount } of views) {
    store.onDraw(mount(need(document, `#${id}`, HTMLElement), context));
  }
}
